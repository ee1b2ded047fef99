"""The two sides of the store as their users see them, opened as the settings say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from credit.application import IntArray
from feature_store.layout import ClientValue, HistoryArray, StoreMeta


class FeatureStore(Protocol):
    """The store as a lookup sees it: the version that is current at each call.

    Every call raises DependencyUnavailable while there is no version or no answer, SettingsError where the version was
    built for other features.
    """

    def history(self, client_ids: IntArray) -> tuple[HistoryArray, npt.NDArray[np.bool_]]:
        """Return float32[n, h], NaN where nothing is known, and bool[n], whether anything is."""

    def applications(self, client_ids: IntArray) -> list[bytes | None]:
        """Return each client's application on file as a JSON object of its columns, None where there is none."""


class ClientDirectory(Protocol):
    """The store as a search for clients sees it; raises as `FeatureStore` does."""

    def clients(self, prefix: str, limit: int) -> list[int]:
        """Return at most `limit` ids with an application on file whose digits begin with `prefix`, shortest first.

        prefix: digits, or nothing for all clients.
        """


class OnlineStore(FeatureStore, ClientDirectory, Protocol):
    """The side that reads, whole."""


class FeatureWriter(Protocol):
    """The store as materialisation sees it: a version is built beside the one that is read, and swapped in whole.

    Every call raises DependencyUnavailable where the store does not answer.
    """

    def current(self) -> tuple[str, StoreMeta] | None:
        """Return name and description of the version that is read, None where there is none."""

    def begin(self, source: str, history_hash: str) -> int:
        """Open the version being built from `source`, and return up to which client id it is filled, 0 for empty.

        A version that was begun from another source is thrown away.
        """

    def put(self, history: Sequence[ClientValue], applications: Sequence[ClientValue], filled_to: int) -> None:
        """Add values durably, and remember that all clients up to `filled_to` are in: all of it or nothing."""

    def finish(self, meta: StoreMeta) -> str:
        """Swap the built version in atomically, drop all but it and the one before, and return its name."""


def open_store(root: Path, redis_url: str | None, history_hash: str, width: int) -> OnlineStore:
    """Return the side that reads: Redis where a URL is given, the embedded LMDB under `root` else."""
    if redis_url:
        from feature_store.redis import RedisFeatureStore

        return RedisFeatureStore(redis_url, history_hash, width)
    from feature_store.lmdb import LmdbFeatureStore

    return LmdbFeatureStore(root, history_hash, width)


def open_writer(root: Path, redis_url: str | None) -> FeatureWriter:
    """Return the side that writes, to the store that `open_store` would read."""
    if redis_url:
        from feature_store.redis import RedisFeatureWriter

        return RedisFeatureWriter(redis_url)
    from feature_store.lmdb import LmdbFeatureWriter

    return LmdbFeatureWriter(root)
