"""Compiles the kernels once a process and keeps them on disk, where some folder can be written."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NamedTuple

from treeshap.model_text import Floats, Ints

log = logging.getLogger(__name__)

_lock = threading.Lock()
_kernels: list[CompiledKernels] = []

_CONTRIBUTIONS = "float64[:, ::1](float64[:, ::1], int64[::1], float64[::1])"
_RAW_SCORES = "float64[::1](float64[:, ::1], int64[::1], float64[::1])"


class CompiledKernels(NamedTuple):
    """The compiled entries of kernels.py; calling them never compiles."""

    contributions: Callable[[Floats, Ints, Floats], Floats]
    raw_scores: Callable[[Floats, Ints, Floats], Floats]


def kernels(cache_dir: Path | None = None) -> CompiledKernels:
    """Return the kernels, compiled at the first call (seconds) or read from a cache folder (milliseconds).

    The compiled code is kept in `cache_dir`, else where NUMBA_CACHE_DIR says, else beside this file, else in the user's
    cache folder; where none can be written it is compiled in each process.
    """
    with _lock:
        if not _kernels:
            _kernels.append(_compile(cache_dir))
        return _kernels[0]


def _compile(cache_dir: Path | None) -> CompiledKernels:
    import numba

    from treeshap.kernels import contributions, raw_scores

    folder = cache_folder(cache_dir)
    options = {"nogil": True, "error_model": "numpy", "cache": folder is not None}
    with _numba_cache(folder):
        return CompiledKernels(
            numba.njit(_CONTRIBUTIONS, **options)(contributions), numba.njit(_RAW_SCORES, **options)(raw_scores)
        )


def cache_folder(given: Path | None) -> Path | None:
    """Return the first folder that can be written of `given`, NUMBA_CACHE_DIR, beside this file, the user's cache."""
    from numba import config

    # Numba looks at the file of the entry alone to tell whether its cache is stale; the parts are in other files.
    name = f"treeshap-{_digest()}"
    places = [given, Path(config.CACHE_DIR) if config.CACHE_DIR else None]
    places += [Path(__file__).parent / "__pycache__", Path("~/.cache/treeshap").expanduser()]
    for place in places:
        if place is not None and _writable(place / name):
            return place / name
    log.warning("no folder can be written for compiled kernels, so each process compiles them: set a cache folder")
    return None


@contextmanager
def _numba_cache(folder: Path | None) -> Iterator[None]:
    """Point Numba's process-wide setting at `folder` while our two functions are made, and back."""
    from numba import config

    before = config.CACHE_DIR
    if folder is not None:
        config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError:
        return False
    return True


def _digest() -> str:
    sources: Any = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        sources.update(path.read_bytes())
    return str(sources.hexdigest()[:16])
