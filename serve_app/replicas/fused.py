"""The graph in the process of a door's replica: no hop between the steps, scaled and rolled out with the door."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from credit.application import ApplicationBatch, FloatArray, IntArray
from credit.decision import DecisionBatch
from credit.features import CATALOG
from credit.wire.audit import Door
from serve_app.counterfactual.model_score import propose_with
from serve_app.counterfactual.search import Proposals
from serve_app.insight.insights import ModelInsights
from serve_app.insight.questions import InsightQuestion
from serve_app.metrics import ExplainerMetrics, ModelMetrics, PathMetrics, ShadowMetrics
from serve_app.models.configured import challenger_version, champion_source, version_list
from serve_app.models.description import describe
from serve_app.models.shelf import ModelShelf
from serve_app.models.watch import ModelWatch
from serve_app.replicas.blocking import LARGE_WORK, Work
from serve_app.replicas.by_handle import HandleShadow
from serve_app.replicas.started import StartClock
from serve_app.settings import ServingSettings
from serve_app.shadow.queue import ShadowQueue
from serve_app.shadow.tap import ShadowTap, TapFromThreads
from serve_app.steps.decision_path import DecisionPath
from serve_app.steps.explainer import Explainer
from serve_app.steps.graph import DecisionGraph
from serve_app.steps.in_process import InProcessSteps, finish
from serve_app.steps.lookup import ClientsOnFile, KnownHistory, Lookup
from serve_app.steps.observed import ObservedSteps
from serve_app.stores import configured_store


class FusedGraph:
    """Lookup, scorer, explainer and path of one replica, with the models they share."""

    def __init__(self, settings: ServingSettings, shadow: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._watch = ModelWatch(ModelShelf(champion_source(settings)), settings.model_poll_s, ModelMetrics())
        shelf = self._watch.shelf
        metrics = PathMetrics()
        self._store = configured_store(settings)
        self._insights = ModelInsights(shelf, version_list(settings))
        steps = ObservedSteps(
            InProcessSteps(Lookup(self._store), shelf, Explainer(shelf, settings.explainer), ExplainerMetrics()),
            metrics,
        )
        path = DecisionPath(
            steps, len(CATALOG.history_names), settings.on_history_unavailable, settings.on_reasons_unavailable
        )
        tap = None
        if shadow is not None:

            async def alias() -> str | None:
                return await asyncio.to_thread(challenger_version, settings)

            challenger = HandleShadow(shadow, alias, settings.step_timeout_s)
            tap = TapFromThreads(
                ShadowTap(
                    challenger, ShadowQueue(settings.shadow_max_pending), ShadowMetrics(), settings.shadow_look_s
                ),
                loop,
            )
        self._graph = DecisionGraph(steps, path, metrics, tap)
        self._work = Work("graph")
        self._search = Work("search")  # a search takes as long as a thousand applications, which must not wait for it

        self._looking = Work("insight")  # nobody's decision waits for what a page asks

    @property
    def shelf(self) -> ModelShelf:
        """The models in this process."""
        return self._watch.shelf

    async def decide(self, batch: ApplicationBatch, door: Door, history: KnownHistory | None = None) -> DecisionBatch:
        return await self._work.do(len(batch), finish, self._graph.decide(batch, door, history))

    async def simulate(self, batch: ApplicationBatch, history: KnownHistory | None = None) -> DecisionBatch:
        return await self._work.do(len(batch), finish, self._graph.simulate(batch, history))

    async def propose(self, client_id: int, values: FloatArray, below: float | None) -> Proposals:
        """Search what would change one application, in a thread of its own."""
        history, model = await self._graph.history_of(client_id), self._watch.shelf.current
        return await self._search.do(LARGE_WORK, propose_with, model, values, history, below)

    async def on_file(self, client_ids: IntArray) -> ClientsOnFile:
        return await self._graph.on_file(client_ids)

    async def clients(self, prefix: str, limit: int) -> list[int]:
        """Return ids on file that begin with these digits."""
        return await self._looking.do(LARGE_WORK, self._store.clients, prefix, limit)

    async def insight(self, question: InsightQuestion) -> bytes:
        """Answer a question about the model, as JSON, in a thread of its own."""
        return await self._looking.do(LARGE_WORK, self._insights.answer, question)

    def decide_here(self, batch: ApplicationBatch, door: Door) -> DecisionBatch:
        """Decide in the caller's thread; blocks until done."""
        return finish(self._graph.decide(batch, door))

    async def describe(self) -> dict[str, Any]:
        """Return the model that decides; raises NotReady without one."""
        return describe(self._watch.shelf.current)

    async def ready(self) -> bool:
        """Return whether a model is loaded."""
        return self._watch.ready()

    def keep_up(self) -> None:
        """Follow the model's alias from now on; call it on the event loop."""
        self._watch.start()


@dataclass(frozen=True, slots=True)
class FusedPlacement:
    """Opens the graph in a replica's own process; the challenger alone stays a deployment of its own."""

    settings: ServingSettings
    shadow: Any = None

    def open(self) -> FusedGraph:
        """Return the graph; call it in the replica, on its event loop."""
        return FusedGraph(self.settings, self.shadow, asyncio.get_running_loop())

    def open_for_threads(self, loop: asyncio.AbstractEventLoop, timeout_s: float) -> ThreadDecider:
        """Return the graph as the gateway's threads call it: on their own time, without the loop."""
        del timeout_s
        clock = StartClock()
        graph = FusedGraph(self.settings, self.shadow, loop)
        graph.keep_up()
        clock.lap("graph")
        clock.tell(graph.shelf)
        return ThreadDecider(graph)


class ThreadDecider:
    """The graph for the gateway's threads, which decide themselves."""

    def __init__(self, graph: FusedGraph) -> None:
        self._graph = graph

    def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        """Decide n applications; blocks until done."""
        return self._graph.decide_here(batch, "kafka")
