"""The store of a cluster, in Redis: one key a client and kind, each version under a prefix of its own.

loanstream:current               the name of the version that is read
loanstream:VERSION:h:CLIENT      the packed history vector; `a` for the application
loanstream:VERSION:ids           the ids with an application, as digits of one length, sorted
loanstream:VERSION:meta          what the version says of itself, written last
loanstream:building              which version is being built, and how far it is
loanstream:versions              how many versions were ever begun
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import redis

from credit.application import IntArray
from credit.errors import DependencyUnavailable
from feature_store.layout import (
    Building,
    ClientValue,
    HistoryArray,
    StoreMeta,
    check_features,
    prefix_ranges,
    read_building,
    read_meta,
    unpack,
    version_name,
)

_CURRENT, _BUILDING, _VERSIONS = "loanstream:current", "loanstream:building", "loanstream:versions"
_HISTORY, _APPLICATION = "h", "a"
_DROPPED_AT_ONCE = 5_000  # keys of one UNLINK: more would hold up the lookups of others


class RedisCommands(Protocol):
    """What the store asks of redis-py's client."""

    def get(self, name: str) -> bytes | None: ...
    def set(self, name: str, value: bytes) -> object: ...
    def mget(self, keys: list[str]) -> list[bytes | None]: ...
    def exists(self, name: str) -> int: ...
    def incr(self, name: str) -> int: ...
    def unlink(self, *names: bytes) -> int: ...
    def scan_iter(self, match: str, count: int | None = None) -> Iterator[bytes]: ...
    def pipeline(self, transaction: bool = True) -> Any: ...


def _connect(url: str, **options: float) -> RedisCommands:
    client: Any = redis.Redis.from_url(url, **options)
    commands: RedisCommands = client
    return commands


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise DependencyUnavailable(f"Redis does not answer ({error}): check REDIS_URL and try again") from None


def _key(version: str, kind: str, client_id: int) -> str:
    return f"loanstream:{version}:{kind}:{client_id}"


def _ids_key(version: str) -> str:
    return f"loanstream:{version}:ids"


def _member(client_id: int) -> str:
    return f"{client_id:019d}"


def _meta_key(version: str) -> str:
    return f"loanstream:{version}:meta"


class RedisFeatureStore:
    """The side that reads, by MGET; timeout_s: how long a connection or an answer may take."""

    def __init__(self, url: str, history_hash: str, width: int, timeout_s: float = 2.0) -> None:
        self._client = _connect(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s)
        self._history_hash, self._width = history_hash, width
        self._checked = ""

    def history(self, client_ids: IntArray) -> tuple[HistoryArray, npt.NDArray[np.bool_]]:
        return unpack(self._read(_HISTORY, client_ids), self._width)

    def applications(self, client_ids: IntArray) -> list[bytes | None]:
        return self._read(_APPLICATION, client_ids)

    def clients(self, prefix: str, limit: int) -> list[int]:
        with _answering():
            version = self._current()
            pipe = self._client.pipeline(transaction=False)
            for first, last in prefix_ranges(prefix):
                pipe.zrangebylex(_ids_key(version), f"[{_member(first)}", f"[{_member(last)}", 0, limit)
            found = [int(one) for ids in pipe.execute() for one in ids]
        return found[:limit]

    def _read(self, kind: str, client_ids: IntArray) -> list[bytes | None]:
        if client_ids.size == 0:
            return []
        with _answering():
            version = self._current()
            return list(self._client.mget([_key(version, kind, i) for i in client_ids.tolist()]))

    def _current(self) -> str:
        current = self._client.get(_CURRENT)
        if current is None:
            raise DependencyUnavailable("Redis holds no features yet: run `loanstream materialize` first")
        version = current.decode()
        if version != self._checked:
            check_features(read_meta(self._client.get(_meta_key(version))), self._history_hash, "Redis")
            self._checked = version
        return version


class RedisFeatureWriter:
    """The side that writes, one process at a time."""

    def __init__(self, url: str) -> None:
        self._client = _connect(url)
        self._version = ""
        self._source = ""

    def current(self) -> tuple[str, StoreMeta] | None:
        with _answering():
            name = self._client.get(_CURRENT)
            meta = read_meta(self._client.get(_meta_key(name.decode()))) if name else None
            searchable = name is not None and bool(self._client.exists(_ids_key(name.decode())))
        if name is None or meta is None or not searchable:
            return None  # none yet, or of an older version, whose clients cannot be searched: a new one is built
        return name.decode(), meta

    def begin(self, source: str, history_hash: str) -> int:
        self._source = source
        with _answering():
            before = read_building(self._client.get(_BUILDING))
            if before is not None and before.source == source:
                self._version = before.version
                return before.filled_to
            if before is not None:
                self._drop(before.version)
            self._version = version_name(history_hash, self._client.incr(_VERSIONS))
            pipe = self._client.pipeline(transaction=True)
            # Nobody has the id 0: the set is there though no application is.
            pipe.zadd(_ids_key(self._version), {_member(0): 0})
            pipe.set(_BUILDING, self._state(0))
            pipe.execute()
        return 0

    def put(self, history: Sequence[ClientValue], applications: Sequence[ClientValue], filled_to: int) -> None:
        values = {_key(self._version, _HISTORY, i): value for i, value in history}
        values |= {_key(self._version, _APPLICATION, i): value for i, value in applications}
        values[_BUILDING] = self._state(filled_to)
        with _answering():
            pipe = self._client.pipeline(transaction=True)  # all of it or nothing
            pipe.mset(values)
            if applications:
                pipe.zadd(_ids_key(self._version), {_member(i): 0 for i, _ in applications})
            pipe.execute()

    def finish(self, meta: StoreMeta) -> str:
        with _answering():
            previous = self._client.get(_CURRENT)
            pipe = self._client.pipeline(transaction=True)
            pipe.set(_meta_key(self._version), meta.to_json())
            pipe.set(_CURRENT, self._version)
            pipe.delete(_BUILDING)
            pipe.execute()
            kept = {self._version, previous.decode() if previous else self._version}
            for key in list(self._client.scan_iter(_meta_key("*"))):
                version = key.decode().split(":")[1]
                if version not in kept:
                    self._drop(version)
        return self._version

    def _drop(self, version: str) -> None:
        batch: list[bytes] = []
        for key in self._client.scan_iter(f"loanstream:{version}:*", count=_DROPPED_AT_ONCE):
            batch.append(key)
            if len(batch) >= _DROPPED_AT_ONCE:
                self._client.unlink(*batch)
                batch.clear()
        if batch:
            self._client.unlink(*batch)

    def _state(self, filled_to: int) -> bytes:
        return Building(self._source, filled_to, self._version).to_json()
