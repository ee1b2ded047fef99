"""A bounded sample of the newest decisions for reports: whole rows, chosen by a hash and not by when they came."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from monitoring.windows.fold import FoldedDecisions

_ALL = np.uint64(np.iinfo(np.uint64).max)
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
        # Twice the size is kept, so that the sample stays full while rows leave it by age between two trims.
        self._cap = 2 * size
        self._lock = threading.Lock()
        self._clear("", ())

    def _clear(self, version: str, names: tuple[str, ...]) -> None:
        self.version, self.names = version, names
        self._chunks: list[tuple[npt.NDArray[np.uint64], IntArray, FloatArray]] = []
        self._held, self._newest = 0, 0
        self._limit = _ALL

    def add(self, part: FoldedDecisions) -> None:
        """Offer decisions; the columns kept are the model's features and the probability of default."""
        names = part.record.feature_names
        with self._lock:
            if (part.version, names) != (self.version, self.names):
                self._clear(part.version, names)
            fresh = row_hash(part.record.client_ids, part.record.submitted_ms)
            self._newest = max(self._newest, int(part.event_ms.max()))
            # Only rows that can get in are copied: of a full sample's batch that is a small part.
            take = fresh <= self._limit
            if take.any():
                rows = np.column_stack([part.rows.features[take], part.rows.probability[take]])
                self._chunks.append((fresh[take], part.event_ms[take], rows))
                self._held += len(rows)
            if self._held > 2 * self._cap:
                self._trim()

    def _trim(self) -> None:
        if not self._chunks:
            return
        hashes, times = (np.concatenate([chunk[i] for chunk in self._chunks]) for i in (0, 1))
        keep = np.flatnonzero(times >= self._newest - self._length_ms)
        keep = keep[np.argsort(hashes[keep], kind="stable")[: self._cap]]
        rows = np.concatenate([chunk[2] for chunk in self._chunks])[keep]
        self._chunks, self._held = [(hashes[keep], times[keep], rows)], len(keep)
        self._limit = hashes[keep[-1]] if len(keep) == self._cap else _ALL

    def rows(self) -> tuple[str, tuple[str, ...], FloatArray]:
        """Return version, column names and float64[n, columns] of the sample, n <= size."""
        with self._lock:
            self._trim()
            rows = self._chunks[0][2] if self._chunks else np.empty((0, len(self.names) + 1))
            return self.version, (*self.names, "probability"), rows[: self._size].copy()
