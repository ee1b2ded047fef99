"""What is known of clients before anything is decided about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit.application import IntArray
from feature_store.store import FeatureStore


@dataclass(frozen=True, slots=True)
class KnownHistory:
    """History of n clients: vectors float32[n, h], NaN where nothing is known; known bool[n], whether anything is."""

    vectors: npt.NDArray[np.float32]
    known: npt.NDArray[np.bool_]

    def take(self, rows: list[int]) -> KnownHistory:
        """Return the history of the clients at `rows`, in that order."""
        return KnownHistory(self.vectors[rows], self.known[rows])

    @staticmethod
    def nothing(n: int, width: int) -> KnownHistory:
        """Return what is known of n clients while nobody can be asked."""
        return KnownHistory(np.full((n, width), np.nan, dtype=np.float32), np.zeros(n, dtype=np.bool_))


@dataclass(frozen=True, slots=True)
class ClientsOnFile:
    """n clients' applications on file, JSON objects of their columns or None where there is none, and their history."""

    applications: list[bytes | None]
    history: KnownHistory


class Lookup:
    """Feature lookup in the online store; raises what the store raises."""

    def __init__(self, store: FeatureStore) -> None:
        self._store = store

    def history(self, client_ids: IntArray) -> KnownHistory:
        """Return what is known of n clients."""
        return KnownHistory(*self._store.history(client_ids))

    def on_file(self, client_ids: IntArray) -> ClientsOnFile:
        """Return n clients' applications on file and their history, in one answer."""
        return ClientsOnFile(self._store.applications(client_ids), self.history(client_ids))
