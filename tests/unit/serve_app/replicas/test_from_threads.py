"""The graph on a loop, called by threads."""

from __future__ import annotations

import asyncio

import pytest

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import DependencyUnavailable, NotReady
from serve_app.replicas.from_threads import LoopDecider
from tests.fixtures.decisions import application_batch, decision_batch


class Graph:
    """Decides, fails or never answers, as told."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.hangs = False
        self.cancelled = False

    async def decide(self, batch: ApplicationBatch, door: str) -> DecisionBatch:
        assert door == "kafka"
        if self.failure:
            raise self.failure
        if self.hangs:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled = True
                raise
        return decision_batch(len(batch))


def test_a_thread_gets_the_decisions_and_the_errors_of_the_graph() -> None:
    """Ours come through as they are."""

    async def play() -> None:
        graph = Graph()
        decider = LoopDecider(graph, asyncio.get_running_loop(), 10.0)
        assert len(await asyncio.to_thread(decider.decide, application_batch(3))) == 3
        graph.failure = NotReady("no model")
        with pytest.raises(NotReady):
            await asyncio.to_thread(decider.decide, application_batch(3))

    asyncio.run(play())


def test_a_graph_that_never_answers_is_away_and_its_call_is_ended() -> None:
    """The wait is bounded."""

    async def play() -> Graph:
        graph = Graph()
        graph.hangs = True
        decider = LoopDecider(graph, asyncio.get_running_loop(), 0.02)
        with pytest.raises(DependencyUnavailable, match="within"):
            await asyncio.to_thread(decider.decide, application_batch(1))
        for _ in range(10):
            await asyncio.sleep(0)
        return graph

    assert asyncio.run(play()).cancelled


def test_a_replica_that_ends_is_away() -> None:
    """A closed loop takes no call."""
    loop = asyncio.new_event_loop()
    loop.close()
    with pytest.raises(DependencyUnavailable, match="ending"):
        LoopDecider(Graph(), loop, 1.0).decide(application_batch(1))
