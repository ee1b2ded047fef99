"""The embedded store of one machine: each version an LMDB environment, the current one named by a file.

ROOT/CURRENT                     the name of the version that is read, replaced in one step
ROOT/HASH-N/                     a version: databases `history`, `applications` (by client key) and `meta`
ROOT/.building/                  the version that is being built; its `meta` says how far it is
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

import lmdb
import numpy as np
import numpy.typing as npt

from credit.application import IntArray
from credit.errors import DependencyUnavailable
from feature_store.layout import (
    Building,
    ClientValue,
    HistoryArray,
    StoreMeta,
    check_features,
    client_key,
    prefix_ranges,
    read_building,
    read_meta,
    unpack,
    version_name,
)

_CURRENT, _BUILDING = "CURRENT", ".building"
_HISTORY, _APPLICATIONS, _META = b"history", b"applications", b"meta"  # databases
_DESCRIPTION, _PROGRESS = b"meta", b"progress"  # keys of the last
_DATABASES = 4  # an upper bound that LMDB asks for
_MAP_BYTES = 1 << 36  # an upper bound of the address space, not of the file, which stays sparse
_KEPT_VERSIONS = 2


# LMDB refuses to open what this process has open, so its readers share an environment; it closes with the last of them.
_opened: WeakValueDictionary[tuple[int, int], lmdb.Environment] = WeakValueDictionary()
_opening = threading.Lock()


def _open_version(folder: Path) -> lmdb.Environment:
    """Open a finished version, which nobody writes any more: without locks, and without reading ahead.

    Raises OSError or lmdb.Error where there is none, or none that can be read.
    """
    with _opening:
        file = (folder / "data.mdb").stat()
        env = _opened.get((file.st_dev, file.st_ino))
        if env is None:
            env = lmdb.open(str(folder), readonly=True, lock=False, max_dbs=_DATABASES, create=False, readahead=False)
            _opened[file.st_dev, file.st_ino] = env
        return env


def _meta_of(env: lmdb.Environment) -> StoreMeta | None:
    with env.begin(db=env.open_db(_META, create=False)) as txn:
        return read_meta(txn.get(_DESCRIPTION))


@dataclass(frozen=True)
class _OpenVersion:
    """A version that is read: its name, and handles that belong to its environment."""

    name: str
    env: lmdb.Environment
    history: lmdb._Database
    applications: lmdb._Database


class LmdbFeatureStore:
    """The side that reads; it takes a new version up at the first call after it was swapped in."""

    def __init__(self, root: Path, history_hash: str, width: int) -> None:
        self._root, self._history_hash, self._width = root, history_hash, width
        self._open: _OpenVersion | None = None
        self._swapping = threading.Lock()

    def history(self, client_ids: IntArray) -> tuple[HistoryArray, npt.NDArray[np.bool_]]:
        version = self._version()
        with version.env.begin(db=version.history) as txn:
            vectors = [txn.get(client_key(i)) for i in client_ids.tolist()]
        return unpack(vectors, self._width)

    def applications(self, client_ids: IntArray) -> list[bytes | None]:
        version = self._version()
        with version.env.begin(db=version.applications) as txn:
            return [txn.get(client_key(i)) for i in client_ids.tolist()]

    def clients(self, prefix: str, limit: int) -> list[int]:
        version = self._version()
        found: list[int] = []
        with version.env.begin(db=version.applications) as txn, txn.cursor() as cursor:
            for first, last in prefix_ranges(prefix):
                there = cursor.set_range(client_key(first))
                while there and len(found) < limit:
                    client = int.from_bytes(cursor.key(), "big")
                    if client > last:
                        break
                    found.append(client)
                    there = cursor.next()
        return found

    def _version(self) -> _OpenVersion:
        """Return the current version, opened; the one before is closed when no other thread reads from it any more."""
        version = self._open
        if version is not None and version.name == self._current():
            return version
        with self._swapping:  # else a slower thread could go back to the version before
            current = self._current()
            if self._open is None or self._open.name != current:
                self._open = self._opened(current)
            return self._open

    def _current(self) -> str:
        try:
            return (self._root / _CURRENT).read_text().strip()
        except OSError:
            raise DependencyUnavailable(
                f"no feature store in {self._root}: run `loanstream materialize` first"
            ) from None

    def _opened(self, name: str) -> _OpenVersion:
        try:
            env = _open_version(self._root / name)
            history, applications = env.open_db(_HISTORY, create=False), env.open_db(_APPLICATIONS, create=False)
            meta = _meta_of(env)
        except (OSError, lmdb.Error) as error:
            raise DependencyUnavailable(f"the feature store {self._root / name} cannot be read: {error}") from None
        check_features(meta, self._history_hash, str(self._root))
        return _OpenVersion(name, env, history, applications)


class LmdbFeatureWriter:
    """The side that writes, one process at a time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._building: lmdb.Environment | None = None
        self._databases: dict[bytes, lmdb._Database] = {}
        self._source = ""
        self._history_hash = ""

    def current(self) -> tuple[str, StoreMeta] | None:
        try:
            name = (self._root / _CURRENT).read_text().strip()
            meta = _meta_of(_open_version(self._root / name))
        except (OSError, lmdb.Error):
            return None  # none yet, or one that cannot be read: either way a new one is built
        return (name, meta) if meta else None

    def begin(self, source: str, history_hash: str) -> int:
        self._source, self._history_hash = source, history_hash
        before = self._open_building()
        if before is not None and before.source != source:
            self._close()
            shutil.rmtree(self._root / _BUILDING)
            before = self._open_building()
        return before.filled_to if before is not None else 0

    def _open_building(self) -> Building | None:
        folder = self._root / _BUILDING
        folder.mkdir(parents=True, exist_ok=True)
        env: lmdb.Environment = lmdb.open(str(folder), map_size=_MAP_BYTES, max_dbs=_DATABASES)
        self._building = env
        self._databases = {name: env.open_db(name) for name in (_HISTORY, _APPLICATIONS, _META)}
        with env.begin(db=self._databases[_META]) as txn:
            return read_building(txn.get(_PROGRESS))

    def _begun(self) -> lmdb.Environment:
        assert self._building is not None, "begin comes first"
        return self._building

    def put(self, history: Sequence[ClientValue], applications: Sequence[ClientValue], filled_to: int) -> None:
        with self._begun().begin(write=True) as txn:
            for name, values in ((_HISTORY, history), (_APPLICATIONS, applications)):
                for client_id, value in values:
                    txn.put(client_key(client_id), value, db=self._databases[name])
            state = Building(self._source, filled_to)
            txn.put(_PROGRESS, state.to_json(), db=self._databases[_META])

    def finish(self, meta: StoreMeta) -> str:
        with self._begun().begin(write=True, db=self._databases[_META]) as txn:
            txn.put(_DESCRIPTION, meta.to_json())
            txn.delete(_PROGRESS)
        self._begun().sync(True)
        self._close()
        name = version_name(self._history_hash, 1 + max((number for number, _ in self._versions()), default=0))
        (self._root / _BUILDING).replace(self._root / name)
        pointer = self._root / f"{_CURRENT}.new"
        pointer.write_text(name + "\n")
        with pointer.open("rb") as file:
            os.fsync(file.fileno())
        pointer.replace(self._root / _CURRENT)
        for _, old in sorted(self._versions())[:-_KEPT_VERSIONS]:
            shutil.rmtree(old, ignore_errors=True)
        return name

    def _versions(self) -> list[tuple[int, Path]]:
        found = []
        for folder in self._root.glob("*-*"):
            number = folder.name.rpartition("-")[2]
            if folder.is_dir() and number.isdigit():
                found.append((int(number), folder))
        return found

    def _close(self) -> None:
        self._begun().close()
        self._building = None
