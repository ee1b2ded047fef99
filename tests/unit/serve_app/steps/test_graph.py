"""The graph in a door's replica: what is counted and what is not."""

from __future__ import annotations

import asyncio
from typing import Any

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from serve_app.steps.graph import DecisionGraph
from tests.fixtures.decisions import application_batch, decision_batch


class Path:
    """Decides by hand."""

    async def decide(self, batch: ApplicationBatch, history: Any = None) -> DecisionBatch:
        return decision_batch(len(batch))


class Witness:
    """Counts decisions and is offered them."""

    def __init__(self) -> None:
        self.counted: list[tuple[int, str]] = []
        self.offered: list[int] = []

    def count(self, decisions: DecisionBatch, door: str) -> None:
        self.counted.append((len(decisions), door))

    def offer(self, decisions: DecisionBatch) -> None:
        self.offered.append(len(decisions))


def test_a_decision_is_counted_and_offered_and_a_simulation_is_neither() -> None:
    """Nobody applied with a simulation, so it is in no figure and no comparison."""
    witness = Witness()
    path: Any = Path()
    graph = DecisionGraph(path, path, witness, witness)
    asyncio.run(graph.decide(application_batch(3), "kafka"))
    assert (witness.counted, witness.offered) == ([(3, "kafka")], [3])
    simulated = asyncio.run(graph.simulate(application_batch(2)))
    assert len(simulated) == 2
    assert (witness.counted, witness.offered) == ([(3, "kafka")], [3])
