"""The graph of deployments of their own: the path runs in the door's replica, each step where Serve placed it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from credit.application import ApplicationBatch, FloatArray, IntArray
from credit.decision import DecisionBatch
from credit.errors import LoanstreamError
from credit.features import CATALOG
from credit.wire.audit import Door
from serve_app.counterfactual.search import Proposals
from serve_app.insight.questions import InsightQuestion
from serve_app.metrics import PathMetrics, ShadowMetrics
from serve_app.replicas.by_handle import HandleShadow, HandleSteps
from serve_app.replicas.calls import PatientCaller, call_step
from serve_app.replicas.from_threads import LoopDecider
from serve_app.settings import ServingSettings
from serve_app.shadow.queue import ShadowQueue
from serve_app.shadow.tap import ShadowTap
from serve_app.steps.decision_path import DecisionPath
from serve_app.steps.graph import DecisionGraph
from serve_app.steps.lookup import ClientsOnFile, KnownHistory
from serve_app.steps.observed import ObservedSteps

_READY_TIMEOUT_S = 2.0


class ComposedGraph:
    """What a door's replica holds of the graph: handles, and the path over them."""

    def __init__(self, settings: ServingSettings, lookup: Any, scorer: Any, explainer: Any, shadow: Any) -> None:
        self._lookup, self._scorer, self._explainer = lookup, scorer, explainer
        self._timeout_s = settings.step_timeout_s
        metrics = PathMetrics()
        tap = None
        if shadow is not None:
            challenger = HandleShadow(shadow, scorer.challenger.remote, settings.step_timeout_s)
            tap = ShadowTap(
                challenger, ShadowQueue(settings.shadow_max_pending), ShadowMetrics(), settings.shadow_look_s
            )
        caller = PatientCaller(settings.step_timeout_s, settings.step_again_after_s, metrics.step_asked_again)
        steps = ObservedSteps(HandleSteps(lookup, scorer, explainer, caller), metrics)
        path = DecisionPath(
            steps, len(CATALOG.history_names), settings.on_history_unavailable, settings.on_reasons_unavailable
        )
        self._graph = DecisionGraph(steps, path, metrics, tap)

    @property
    def shelf(self) -> None:
        """No model is in this process."""

    async def decide(self, batch: ApplicationBatch, door: Door, history: KnownHistory | None = None) -> DecisionBatch:
        return await self._graph.decide(batch, door, history)

    async def simulate(self, batch: ApplicationBatch, history: KnownHistory | None = None) -> DecisionBatch:
        return await self._graph.simulate(batch, history)

    async def propose(self, client_id: int, values: FloatArray, below: float | None) -> Proposals:
        """Search what would change one application, where the model is."""
        response = self._scorer.propose.remote(values, await self._graph.history_of(client_id), below)
        found: Proposals = await call_step("scorer", response, self._timeout_s)
        return found

    async def on_file(self, client_ids: IntArray) -> ClientsOnFile:
        return await self._graph.on_file(client_ids)

    async def clients(self, prefix: str, limit: int) -> list[int]:
        """Return ids on file that begin with these digits."""
        found: list[int] = await call_step("lookup", self._lookup.clients.remote(prefix, limit), self._timeout_s)
        return found

    async def insight(self, question: InsightQuestion) -> bytes:
        """Answer a question about the model, as JSON, where contributions are worked out."""
        answer: bytes = await call_step("explainer", self._explainer.insight.remote(question), self._timeout_s)
        return answer

    async def describe(self) -> dict[str, Any]:
        """Return the model that decides."""
        described: dict[str, Any] = await call_step("scorer", self._scorer.describe.remote(), self._timeout_s)
        return described

    async def ready(self) -> bool:
        """Return whether the graph has a model; False too while the scorer does not answer."""
        try:
            return bool(await call_step("scorer", self._scorer.ready.remote(), _READY_TIMEOUT_S))
        except LoanstreamError:
            return False

    def keep_up(self) -> None:
        """Nothing to do: the steps follow the model's alias where they run."""


@dataclass(frozen=True, slots=True)
class ComposedPlacement:
    """Opens the graph over its deployments: bound ones when the application is built, handles in a replica."""

    settings: ServingSettings
    lookup: Any
    scorer: Any
    explainer: Any
    shadow: Any = None

    def open(self) -> ComposedGraph:
        """Return the graph; call it in the replica."""
        return ComposedGraph(self.settings, self.lookup, self.scorer, self.explainer, self.shadow)

    def open_for_threads(self, loop: asyncio.AbstractEventLoop, timeout_s: float) -> LoopDecider:
        """Return the graph as the gateway's threads call it, which wait for `loop` for `timeout_s` at most."""
        return LoopDecider(self.open(), loop, timeout_s)
