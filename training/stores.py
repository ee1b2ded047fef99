"""Where materialised features are written: LMDB on one machine, Redis for a cluster."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from credit.errors import DependencyUnavailable
from credit.features import CATALOG
from training.store.materialize import Pair, StoreMeta, key_of

_KEPT = 2
_MAP_BYTES = 1 << 36  # an upper bound of the address space, not of the file, which stays sparse
_BUILDING = ".building"


class LmdbWriter:
    """Versions as LMDB folders under `root`, named HASH-N; `root`/CURRENT names the one that is read."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._env: Any = None
        self._dbs: dict[str, Any] = {}
        self._source = ""

    def current(self) -> tuple[str, StoreMeta] | None:
        import lmdb

        try:
            name = (self._root / "CURRENT").read_text().strip()
            with lmdb.open(str(self._root / name), readonly=True, lock=False, max_dbs=4, create=False) as env:
                meta = env.open_db(b"meta", create=False)
                with env.begin(db=meta) as txn:
                    return name, StoreMeta.from_json(txn.get(b"meta") or b"")
        except (OSError, lmdb.Error, TypeError, ValueError):
            return None  # none yet, or one that cannot be read: either way a new one is built

    def begin(self, source: str) -> int:
        folder = self._root / _BUILDING
        filled_to = self._open(folder, source)
        if filled_to < 0:
            self._close()
            shutil.rmtree(folder)
            filled_to = self._open(folder, source)
        return max(filled_to, 0)

    def _open(self, folder: Path, source: str) -> int:
        """Open the version being built; returns -1 where it is of another source."""
        import lmdb

        folder.mkdir(parents=True, exist_ok=True)
        self._env = lmdb.open(str(folder), map_size=_MAP_BYTES, max_dbs=4, subdir=True)
        self._dbs = {name: self._env.open_db(name.encode()) for name in ("history", "applications", "meta")}
        self._source = source
        with self._env.begin(db=self._dbs["meta"]) as txn:
            state = json.loads(txn.get(b"progress") or b"{}")
        if state and state.get("source") != source:
            return -1
        return int(state.get("filled_to", 0))

    def put(self, history: Sequence[Pair], applications: Sequence[Pair], filled_to: int) -> None:
        with self._env.begin(write=True) as txn:
            for name, pairs in (("history", history), ("applications", applications)):
                for client_id, value in pairs:
                    txn.put(key_of(client_id), value, db=self._dbs[name])
            state = json.dumps({"source": self._source, "filled_to": filled_to}).encode()
            txn.put(b"progress", state, db=self._dbs["meta"])

    def finish(self, meta: StoreMeta) -> str:
        with self._env.begin(write=True, db=self._dbs["meta"]) as txn:
            txn.put(b"meta", meta.to_json())
            txn.delete(b"progress")
        self._env.sync(True)
        self._close()
        prefix = CATALOG.history_hash[:16]
        name = f"{prefix}-{1 + max((number for number, _ in self._versions()), default=0)}"
        (self._root / _BUILDING).replace(self._root / name)
        pointer = self._root / "CURRENT.new"
        pointer.write_text(name + "\n")
        with pointer.open("rb") as file:
            os.fsync(file.fileno())
        pointer.replace(self._root / "CURRENT")
        for _, old in sorted(self._versions())[:-_KEPT]:
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
        if self._env is not None:
            self._env.close()
            self._env = None


class RedisWriter:
    """Versions as key prefixes `loanstream:VERSION:`; the key `loanstream:current` names the one that is read.

    Raises DependencyUnavailable where Redis does not answer.
    """

    def __init__(self, url: str) -> None:
        import redis

        self._errors = redis.RedisError
        self._client: Any = redis.Redis.from_url(url)
        self._version = ""
        self._source = ""

    def current(self) -> tuple[str, StoreMeta] | None:
        name = self._call("get", "loanstream:current")
        meta = self._call("get", f"loanstream:{name.decode()}:meta") if name else None
        return (name.decode(), StoreMeta.from_json(meta)) if meta else None

    def begin(self, source: str) -> int:
        state = json.loads(self._call("get", "loanstream:building") or b"{}")
        self._source = source
        if state and state["source"] == source:
            self._version = state["version"]
            return int(state["filled_to"])
        if state:
            self._drop(state["version"])
        self._version = f"{CATALOG.history_hash[:16]}-{self._call('incr', 'loanstream:versions')}"
        self._call("set", "loanstream:building", self._state(0))
        return 0

    def put(self, history: Sequence[Pair], applications: Sequence[Pair], filled_to: int) -> None:
        values: dict[str, bytes | str] = {f"loanstream:{self._version}:h:{i}": value for i, value in history}
        values |= {f"loanstream:{self._version}:a:{i}": value for i, value in applications}
        values["loanstream:building"] = self._state(filled_to)
        self._call("mset", values)  # one command: all of it or nothing

    def finish(self, meta: StoreMeta) -> str:
        previous = self._call("get", "loanstream:current")
        try:
            pipe = self._client.pipeline(transaction=True)
            pipe.set(f"loanstream:{self._version}:meta", meta.to_json())
            pipe.set("loanstream:current", self._version)
            pipe.delete("loanstream:building")
            pipe.execute()
        except self._errors as error:
            raise self._away(error) from None
        kept = {self._version, previous.decode() if previous else self._version}
        for key in list(self._client.scan_iter("loanstream:*:meta")):
            version = key.decode().split(":")[1]
            if version not in kept:
                self._drop(version)
        return self._version

    def _drop(self, version: str) -> None:
        batch: list[bytes] = []
        for key in self._client.scan_iter(f"loanstream:{version}:*", count=5_000):
            batch.append(key)
            if len(batch) >= 5_000:
                self._call("unlink", *batch)
                batch.clear()
        if batch:
            self._call("unlink", *batch)

    def _state(self, filled_to: int) -> str:
        return json.dumps({"version": self._version, "source": self._source, "filled_to": filled_to})

    def _call(self, command: str, *arguments: Any) -> Any:
        try:
            return getattr(self._client, command)(*arguments)
        except self._errors as error:
            raise self._away(error) from None

    def _away(self, error: Exception) -> DependencyUnavailable:
        return DependencyUnavailable(f"Redis does not answer ({error}): check REDIS_URL and try again")
