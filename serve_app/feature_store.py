"""What is known of a client, online: the packed history vector and the latest application on file.

`training.materialize` writes both stores and documents the layout; this side only reads. Contents are versioned by
the hash of the history features, so that a vector is never read in an order other than the one it was packed in.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from credit.application import IntArray
from credit.errors import DependencyUnavailable, SettingsError

HistoryArray = npt.NDArray[np.float32]


class FeatureStore(Protocol):
    """The online store as the lookup sees it."""

    def history(self, client_ids: IntArray) -> tuple[HistoryArray, npt.NDArray[np.bool_]]:
        """Return float32[n, h], NaN where nothing is known, and bool[n], whether anything is."""

    def applications(self, client_ids: IntArray) -> list[bytes | None]:
        """Return each client's application on file as a JSON object of its columns, None where there is none."""


def client_key(client_id: int) -> bytes:
    """Return a client's key: SK_ID_CURR as 8 bytes, big-endian, so that keys sort as ids do."""
    return int(client_id).to_bytes(8, "big")


def unpack(vectors: list[bytes | None], width: int) -> tuple[HistoryArray, npt.NDArray[np.bool_]]:
    """Turn n packed little-endian float32 vectors into float32[n, width] and bool[n]."""
    known = np.array([vector is not None for vector in vectors], dtype=np.bool_)
    missing = np.full(width, np.nan, dtype="<f4").tobytes()
    packed = b"".join(missing if vector is None else vector for vector in vectors)
    if len(packed) != len(vectors) * width * 4:
        raise SettingsError("the feature store holds vectors of another length; run `loanstream materialize` again")
    return np.frombuffer(packed, dtype="<f4").reshape(len(vectors), width), known


class LmdbFeatureStore:
    """The embedded store: an LMDB environment, taken up again when `materialize` swaps in a new one.

    Raises DependencyUnavailable while there is none, SettingsError where it was built for other features.
    """

    def __init__(self, root: Path, history_hash: str, width: int) -> None:
        self._root, self._history_hash, self._width = root, history_hash, width
        self._current = ""
        self._env: Any = None
        self._history: Any = None
        self._applications: Any = None

    def history(self, client_ids: IntArray) -> tuple[HistoryArray, npt.NDArray[np.bool_]]:
        self._open()
        with self._env.begin(db=self._history, buffers=False) as txn:
            vectors = [txn.get(client_key(i)) for i in client_ids.tolist()]
        return unpack(vectors, self._width)

    def applications(self, client_ids: IntArray) -> list[bytes | None]:
        self._open()
        with self._env.begin(db=self._applications) as txn:
            return [txn.get(client_key(i)) for i in client_ids.tolist()]

    def _open(self) -> None:
        try:
            current = (self._root / "CURRENT").read_text().strip()
        except OSError:
            raise DependencyUnavailable(
                f"no feature store in {self._root}: run `loanstream materialize` first"
            ) from None
        if current == self._current:
            return
        import lmdb

        try:
            env = lmdb.open(
                str(self._root / current), readonly=True, lock=False, max_dbs=4, subdir=True, readahead=False
            )
            history, applications = env.open_db(b"history", create=False), env.open_db(b"applications", create=False)
            with env.begin(db=env.open_db(b"meta", create=False)) as txn:
                meta = json.loads(txn.get(b"meta") or b"{}")
        except lmdb.Error as error:
            raise DependencyUnavailable(f"the feature store {self._root / current} cannot be read: {error}") from None
        _check_hash(meta, self._history_hash, str(self._root))
        # The old environment is left to the garbage collector: a lookup in another thread may still read from it.
        self._env, self._history, self._applications, self._current = env, history, applications, current


class RedisFeatureStore:
    """The store of a cluster: one key a client and kind, read with MGET, versioned by a pointer key."""

    def __init__(self, url: str, history_hash: str, width: int, timeout_s: float = 2.0) -> None:
        import redis

        self._errors = redis.RedisError
        self._client = redis.Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s)
        self._history_hash, self._width = history_hash, width
        self._checked = ""

    def history(self, client_ids: IntArray) -> tuple[HistoryArray, npt.NDArray[np.bool_]]:
        return unpack(self._read("h", client_ids), self._width)

    def applications(self, client_ids: IntArray) -> list[bytes | None]:
        return self._read("a", client_ids)

    def _read(self, kind: str, client_ids: IntArray) -> list[bytes | None]:
        if client_ids.size == 0:
            return []
        try:
            current = self._client.get("loanstream:current")
            if current is None:
                raise DependencyUnavailable("Redis holds no features yet: run `loanstream materialize` first")
            version = str(current, "ascii") if isinstance(current, bytes) else current
            if version != self._checked:
                meta = json.loads(self._client.get(f"loanstream:{version}:meta") or b"{}")
                _check_hash(meta, self._history_hash, "Redis")
                self._checked = version
            found: Any = self._client.mget([f"loanstream:{version}:{kind}:{i}" for i in client_ids.tolist()])
        except self._errors as error:
            raise DependencyUnavailable(f"Redis does not answer: {error}") from None
        return list(found)


def _check_hash(meta: dict[str, Any], expected: str, where: str) -> None:
    if meta.get("history_hash") != expected:
        raise SettingsError(
            f"the features in {where} were built by another version of the catalog; run `loanstream materialize` again"
        )


def open_store(root: Path, redis_url: str | None, history_hash: str, width: int) -> FeatureStore:
    """Return the store that the settings name: Redis where a URL is given, the embedded LMDB else."""
    if redis_url:
        return RedisFeatureStore(redis_url, history_hash, width)
    return LmdbFeatureStore(root, history_hash, width)
