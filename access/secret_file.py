"""A secret's file that appears whole: readable by its owner alone, and the first of those who make it at once."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def write_once(path: Path, content: bytes) -> None:
    """Write a file with mode 0600 unless it is there; raises OSError where that cannot be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: whoever reads meanwhile finds no file, never one that is still empty.
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another was quicker: its secret is ours
            os.link(aside, path)
    finally:
        Path(aside).unlink()
