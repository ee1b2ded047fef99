"""A secret in a file that only its owner reads: made once, whole or not at all, whoever else makes it meanwhile."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

from credit.errors import SettingsError


def read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return a file's bytes; where it is not there, `make` them first, with mode 0600.

    Raises SettingsError where it cannot be read or made, or where everybody can read it.
    """
    try:
        if not path.exists():
            _write_once(path, make())
        if path.stat().st_mode & stat.S_IRWXO:
            raise SettingsError(f"everybody on this machine can read {path}; chmod it to 600, and think who has")
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read or made ({error.strerror}); it holds a key") from None


def _write_once(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and linked into place: whoever reads at the same time finds a whole secret or none.
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was quicker: its secret is ours
            os.link(partial, path)
    finally:
        partial.unlink(missing_ok=True)
