"""The search against scoring every plan."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.application import FloatArray
from credit.schema import COLUMN_INDEX
from serve_app.counterfactual.candidates import Candidates
from serve_app.counterfactual.grid import plan_grid
from serve_app.counterfactual.search import propose
from tests.fixtures.loans import loans


class CountingScore:
    """A probability that falls with credit and payments over income, and with a work phone."""

    def __init__(self, offset: float) -> None:
        self.offset, self.rows = offset, 0

    def __call__(self, values: FloatArray) -> FloatArray:
        self.rows += len(values)
        income = values[:, COLUMN_INDEX["AMT_INCOME_TOTAL"]]
        load = values[:, COLUMN_INDEX["AMT_CREDIT"]] / income + 9 * values[:, COLUMN_INDEX["AMT_ANNUITY"]] / income
        return np.asarray(1 / (1 + np.exp(self.offset - load + values[:, COLUMN_INDEX["FLAG_WORK_PHONE"]])))


@given(st.integers(0, 30), st.floats(0, 8))
@settings(max_examples=20)
def test_nothing_cheaper_is_approved(seed: int, offset: float) -> None:
    """The first proposal costs what the cheapest of all approved plans costs; without one there is none."""
    before = loans(1, seed).values[0]
    candidates = Candidates.of(before, plan_grid())
    approved = CountingScore(offset)(candidates.values(candidates.open)) < 0.3
    found = propose(before, CountingScore(offset), 0.3)
    assert bool(found.found) == bool(approved.any())
    if found.found:
        costs = candidates.grid.cost[candidates.open[approved]]
        assert found.found[0].cost == pytest.approx(costs.min())
        assert [p.cost for p in found.found] == sorted(p.cost for p in found.found)
        assert all(CountingScore(offset)(p.values[None, :])[0] < 0.3 for p in found.found)


def test_the_search_ends_with_the_first_approval() -> None:
    """A near plan is found without scoring the far ones; where there is none, all have been scored."""
    before = loans(1).values[0]
    near, never = CountingScore(50.0), CountingScore(-50.0)
    found, nothing = propose(before, near, 0.3), propose(before, never, 0.3)
    assert near.rows == found.scored < found.open
    assert nothing.found == ()
    assert never.rows == nothing.scored == nothing.open


def test_the_same_application_gets_the_same_answer() -> None:
    """Nothing about the search is random."""
    before = loans(1).values[0]
    first, second = (propose(before, CountingScore(3.0), 0.3) for _ in range(2))
    assert [(p.moves, p.cost, p.values.tobytes()) for p in first.found] == [
        (p.moves, p.cost, p.values.tobytes()) for p in second.found
    ]
