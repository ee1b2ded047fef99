"""A secret in a file that only its owner reads: made once, whole or not at all, whoever else makes it meanwhile."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

from access.secret_file import write_once
from credit.errors import SettingsError


def read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return a file's bytes; where it is not there, `make` them first, with mode 0600.

    Raises SettingsError where it cannot be read or made, or where everybody can read it.
    """
    try:
        if not path.exists():
            write_once(path, make())
        if path.stat().st_mode & stat.S_IRWXO:
            raise SettingsError(f"everybody on this machine can read {path}; chmod it to 600, and think who has")
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read or made ({error.strerror}); it holds a key") from None
