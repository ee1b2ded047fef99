"""A small JSON file of records, replaced whole: changed by one at a time, looked at again when it changed."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from credit.errors import SettingsError

logger = logging.getLogger(__name__)

Records = TypeVar("Records", bound=BaseModel)
_Stamp = tuple[int, int, int] | None


class RecordFile(Generic[Records]):
    """A file with one model's JSON, readable by its owner alone; `what` names it in errors, such as "key file"."""

    def __init__(self, path: Path, model: type[Records], what: str) -> None:
        self.path, self._model, self._what = path, model, what

    def read(self) -> Records:
        """Return the content, an empty one where there is no file; raises SettingsError where it cannot be used."""
        try:
            return self._model.model_validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return self._model()
        except OSError as error:
            raise SettingsError(f"the {self._what} {self.path} cannot be read ({error.strerror})") from None
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "its start"
            raise SettingsError(f"the {self._what} {self.path} is malformed at {where}: {first['msg']}") from None

    @contextlib.contextmanager
    def changing(self) -> Iterator[Records]:
        """Hold the file for one change; a lock beside it, as the file itself is replaced."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path.with_name(self.path.name + ".lock"), os.O_WRONLY | os.O_CREAT, 0o600)
        except OSError as error:
            raise SettingsError(f"the {self._what} {self.path} cannot be changed ({error.strerror})") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.read()
        finally:
            os.close(lock)

    def write(self, records: Records) -> None:
        """Replace the content, whole or not at all; only while the file is held for a change."""
        partial = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(records.model_dump_json(indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path)


class WatchedRecords(Generic[Records]):
    """The newest good content of a record file.

    A file that cannot be read any more leaves the last good content valid, with an error in the log: a slip of the pen
    must not close the office. Raises SettingsError where it cannot be read at the start.
    """

    def __init__(self, file: RecordFile[Records]) -> None:
        self._file = file
        self._stamp = self._look()
        self._records = file.read()

    def now(self) -> Records:
        """Return the content as it is now; one look at the file's date, and a reading where that has changed."""
        stamp = self._look()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._records = self._file.read()
            except SettingsError as error:
                logger.error("%s; what was read before stays valid", error)  # noqa: TRY400 - one line says it
        return self._records

    def _look(self) -> _Stamp:
        try:
            found = self._file.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
