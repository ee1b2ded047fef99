"""The graph in a door's replica: the path over its steps, counted, and the challenger beside it."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from credit.application import ApplicationBatch, IntArray
from credit.decision import DecisionBatch
from credit.errors import LoanstreamError
from credit.features import CATALOG
from credit.wire.audit import Door
from serve_app.steps.decision_path import DecisionPath
from serve_app.steps.lookup import ClientsOnFile, KnownHistory
from serve_app.steps.observed import StepsOfDoor


class DecisionCounts(Protocol):
    """Who counts decisions."""

    def count(self, decisions: DecisionBatch, door: Door) -> None: ...


class DecisionTap(Protocol):
    """Who is told of decisions and never holds them up."""

    def offer(self, decisions: DecisionBatch) -> None: ...


class DecisionGraph:
    """Decides micro-batches of one replica's door, wherever the steps run."""

    def __init__(
        self, steps: StepsOfDoor, path: DecisionPath, counts: DecisionCounts, tap: DecisionTap | None = None
    ) -> None:
        self._steps, self._path, self._counts, self._tap = steps, path, counts, tap

    async def decide(self, batch: ApplicationBatch, door: Door, history: KnownHistory | None = None) -> DecisionBatch:
        """Decide a micro-batch; raises RetryableError where the graph cannot score it now."""
        decisions = await self._path.decide(batch, history)
        self._counts.count(decisions, door)
        if self._tap is not None:
            self._tap.offer(decisions)
        return decisions

    async def simulate(self, batch: ApplicationBatch, history: KnownHistory | None = None) -> DecisionBatch:
        """Decide a micro-batch that nobody applied with: not counted, not compared."""
        return await self._path.decide(batch, history)

    async def history_of(self, client_id: int) -> npt.NDArray[np.float32]:
        """Return the history that a client is decided by, float32[h]: NaN where nothing is known or nobody answers."""
        try:
            known = await self._steps.history(np.array([client_id], dtype=np.int64))
        except LoanstreamError:
            known = KnownHistory.nothing(1, len(CATALOG.history_names))
        vector: npt.NDArray[np.float32] = known.vectors[0]
        return vector

    async def on_file(self, client_ids: IntArray) -> ClientsOnFile:
        """Return what is on file of n clients."""
        return await self._steps.on_file(client_ids)
