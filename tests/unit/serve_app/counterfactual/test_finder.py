"""From an application to what is told of it: nothing is told that was not decided again."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from credit.application import ApplicationBatch, FloatArray
from credit.decision import DecisionBatch
from credit.policy import Outcome
from credit.schema import COLUMN_INDEX
from serve_app.counterfactual.answer import CounterfactualAnswer
from serve_app.counterfactual.finder import what_would_change
from serve_app.counterfactual.search import Proposal, Proposals
from tests.fixtures.decisions import decision_batch
from tests.fixtures.loans import loans

CREDIT = COLUMN_INDEX["AMT_CREDIT"]


class LimitGraph:
    """Approves a credit up to a limit; proposes what it is told to propose."""

    def __init__(self, limit: float, proposed: tuple[float, ...] = ()) -> None:
        self.limit, self.proposed = limit, proposed
        self.decided: list[str] = []

    async def simulate(self, batch: ApplicationBatch) -> DecisionBatch:
        self.decided += batch.application_ids
        approved = batch.values[0, CREDIT] <= self.limit
        outcome = Outcome.APPROVE if approved else Outcome.DECLINE
        probability = np.array([0.05 if approved else 0.5])
        one = decision_batch(1)
        return replace(one, applications=batch, outcome=np.array([outcome], dtype=np.int8), probability=probability)

    async def propose(self, client_id: int, values: FloatArray, below: float | None) -> Proposals:
        found = []
        for cost, credit in enumerate(self.proposed, start=1):
            after = values.copy()
            after[CREDIT] = credit
            found.append(Proposal(("borrow_less",), float(cost), after))
        return Proposals(tuple(found), 100, 10)


def asked(graph: LimitGraph, below: float | None = None) -> CounterfactualAnswer:
    return asyncio.run(what_would_change(graph, loans(1), below))


def test_an_answer_was_decided_again_and_approved() -> None:
    """The changes, their cost and the decision on them are told, under an id that no application has."""
    graph = LimitGraph(100_000.0, (90_000.0,))
    answer = asked(graph)
    assert answer.status == "found"
    assert answer.decided_again
    assert answer.decision is not None
    assert answer.decision.outcome == "approve"
    assert answer.changes[0].fields[0].field == "AMT_CREDIT"
    assert answer.changes[0].fields[0].after == 90_000.0
    assert "90,000" in answer.sentence
    assert answer.cost == 1.0
    assert len(graph.decided) == 2
    assert all(name.startswith("simulation/") for name in graph.decided)


def test_what_is_refused_when_decided_again_is_not_told() -> None:
    """The next proposal is tried; where none is approved, none is given."""
    second = asked(LimitGraph(100_000.0, (200_000.0, 90_000.0)))
    assert (second.status, second.cost) == ("found", 2.0)
    none = asked(LimitGraph(100_000.0, (200_000.0, 190_000.0)))
    assert (none.status, none.changes, none.decision) == ("not_confirmed", (), None)
    assert "none is given" in none.sentence


def test_none_within_reach_is_said_plainly() -> None:
    """Without a proposal there are no changes, and the answer says how many plans were tried."""
    answer = asked(LimitGraph(1.0))
    assert (answer.status, answer.changes, answer.cost, answer.decided_again) == ("none_within_reach", (), None, False)
    assert "No change within reach" in answer.sentence
    assert "100 plans" in answer.sentence


def test_an_approval_needs_no_change() -> None:
    """What is approved as it stands is said so, unless a stricter bound is asked for."""
    assert asked(LimitGraph(1e12)).status == "already_approved"
    assert asked(LimitGraph(1e12), below=0.01).status == "none_within_reach"
    assert asked(LimitGraph(1e12), below=0.01).threshold == 0.01


def test_one_application_at_a_time() -> None:
    """Two applications are a caller's mistake."""
    with pytest.raises(ValueError, match="one application"):
        asyncio.run(what_would_change(LimitGraph(1.0), loans(2)))
