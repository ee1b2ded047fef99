"""The graph in a door's replica: the path over its steps, counted, and the challenger beside it."""

from __future__ import annotations

from typing import Protocol

from credit.application import ApplicationBatch, IntArray
from credit.decision import DecisionBatch
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

    async def on_file(self, client_ids: IntArray) -> ClientsOnFile:
        """Return what is on file of n clients."""
        return await self._steps.on_file(client_ids)
