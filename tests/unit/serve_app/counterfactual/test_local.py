"""The library call, with a small real model."""

from __future__ import annotations

import numpy as np
import pytest

from credit.features.actionable import ACTIONABLE
from credit.policy import Outcome
from credit.schema import COLUMN_INDEX
from serve_app.counterfactual.candidates import Candidates
from serve_app.counterfactual.grid import plan_grid
from serve_app.counterfactual.local import LocalCounterfactuals
from serve_app.models.sources import FolderSource
from serve_app.steps.local_graph import LocalGraph
from serve_app.steps.scorer import score_batch
from tests.fixtures.loans import ForgetfulStore, lending_model, loans


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> LocalGraph:
    return LocalGraph(FolderSource(lending_model(tmp_path_factory.mktemp("model"))), ForgetfulStore())


def test_answers_are_the_cheapest_and_decided_by_the_path(graph: LocalGraph) -> None:
    """For twelve declines: what the booster finds over every plan, at its lowest cost, decided to the bit."""
    store = ForgetfulStore()
    applications = loans(60, seed=11)
    declined = np.flatnonzero(graph.decide(applications).outcome == Outcome.DECLINE)[:12]
    assert len(declined) == 12
    found = 0
    for row in declined.tolist():
        one = applications.take([row])
        answer = LocalCounterfactuals(graph, store).find(one)
        candidates = Candidates.of(one.values[0], plan_grid())
        values = candidates.values(candidates.open)
        history = np.repeat(store.history(one.client_ids)[0], len(values), axis=0)
        approved = score_batch(graph.shelf.current, values, history).outcome == Outcome.APPROVE
        assert (answer.status == "found") == bool(approved.any())
        if answer.status != "found":
            assert answer.status == "none_within_reach"
            continue
        found += 1
        assert answer.cost == pytest.approx(candidates.grid.cost[candidates.open[approved]].min())
        again = one.values.copy()
        for change in answer.changes:
            for field in change.fields:
                before = float(one.values[0, COLUMN_INDEX[field.field]])
                assert field.before == before
                assert field.after is not None
                assert ACTIONABLE[field.field].allows(before, field.after)
                again[0, COLUMN_INDEX[field.field]] = field.after
        decided = graph.decide(type(one)(one.application_ids, one.client_ids, one.submitted_ms, again))
        assert decided.outcome[0] == Outcome.APPROVE
        assert answer.decision is not None
        assert answer.decision.probability_of_default == decided.probability[0]
    assert found > 0


def test_a_margin_costs_no_less(graph: LocalGraph) -> None:
    """A stricter bound is kept, and never cheaper."""
    search = LocalCounterfactuals(graph, ForgetfulStore())
    applications = loans(60, seed=11)
    kept = 0
    for row in np.flatnonzero(graph.decide(applications).outcome == Outcome.DECLINE)[:12].tolist():
        plain, strict = (search.find(applications.take([row]), below) for below in (None, 0.2))
        assert strict.threshold == 0.2
        if strict.status == "found":
            kept += 1
            assert strict.decision is not None
            assert strict.decision.probability_of_default < 0.2
            assert plain.cost is not None
            assert strict.cost is not None
            assert plain.cost <= strict.cost + 1e-9
    assert kept
