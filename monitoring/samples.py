"""A bounded sample of the newest decisions for reports: whole rows, chosen by a hash and not by when they came."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from monitoring.fold import Folded

_MIX = np.uint64(0x9E3779B97F4A7C15)


def row_hash(client_ids: IntArray, submitted_ms: IntArray) -> npt.NDArray[np.uint64]:
    """Return an even hash of each application (SplitMix64's last steps), the same whenever it is read."""
    with np.errstate(over="ignore"):
        x = client_ids.astype(np.uint64) * _MIX + submitted_ms.astype(np.uint64)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(x ^ (x >> np.uint64(31)))


class WindowSample:
    """The `size` rows of smallest hash among those of the last `length_ms` of one model version.

    An even sample of a window that slides: a row stays until its time is up or smaller hashes crowd it out. When a new
    version leads, its rows begin a sample of their own.
    """

    def __init__(self, size: int, length_ms: int) -> None:
        self._size, self._length_ms = size, length_ms
        self._lock = threading.Lock()
        self._clear("", ())

    def _clear(self, version: str, names: tuple[str, ...]) -> None:
        self.version, self.names = version, names
        self._hash = np.empty(0, dtype=np.uint64)
        self._time = np.empty(0, dtype=np.int64)
        self._rows = np.empty((0, len(names) + 1))

    def add(self, part: Folded) -> None:
        """Offer decisions; the columns kept are the model's features and the probability of default."""
        names = part.record.feature_names
        with self._lock:
            if (part.version, names) != (self.version, self.names):
                self._clear(part.version, names)
            fresh = row_hash(part.record.client_ids, part.record.submitted_ms)
            newest = max(int(part.event_ms.max()), int(self._time.max(initial=0)))
            # Only rows that can get in are copied: in a full sample that is a small part of a batch.
            limit = self._hash.max() if len(self._hash) >= 4 * self._size else np.iinfo(np.uint64).max
            take = fresh <= limit
            rows = np.column_stack([part.rows.features[take], part.rows.probability[take]])
            self._hash = np.concatenate([self._hash, fresh[take]])
            self._time = np.concatenate([self._time, part.event_ms[take]])
            self._rows = np.concatenate([self._rows, rows])
            if len(self._hash) > 8 * self._size or self._time.min(initial=newest) < newest - 2 * self._length_ms:
                self._trim(newest, 4 * self._size)

    def _trim(self, newest: int, size: int) -> None:
        keep = np.flatnonzero(self._time >= newest - self._length_ms)
        keep = keep[np.argsort(self._hash[keep], kind="stable")[:size]]
        self._hash, self._time, self._rows = self._hash[keep], self._time[keep], self._rows[keep]

    def rows(self) -> tuple[str, tuple[str, ...], FloatArray]:
        """Return version, column names and float64[n, columns] of the sample, n <= size."""
        with self._lock:
            self._trim(int(self._time.max(initial=0)), 4 * self._size)
            return self.version, (*self.names, "probability"), self._rows[: self._size].copy()
