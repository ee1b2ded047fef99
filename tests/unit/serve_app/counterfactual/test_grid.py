"""The plans and their order."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from credit.features.actionable import MOST_CHANGES, MOVES
from serve_app.counterfactual.grid import build_grid, plan_grid


def test_plans_come_cheapest_first() -> None:
    """No plan is cheaper than the one before it, and none asks for more changes than anybody plans."""
    grid = plan_grid()
    assert (np.diff(grid.cost) >= -1e-9).all()
    changes = (grid.plans > 0).sum(axis=1)
    assert changes.min() == 1
    assert changes.max() == MOST_CHANGES


@pytest.mark.parametrize("most", [1, 2, 3])
def test_every_plan_is_there_once(most: int) -> None:
    """The grid is the product of all levers' steps, less what changes nothing or too much."""
    moves = [move for move in MOVES if move.lever in ("term", "income", "email", "work_phone")]
    grid = build_grid(moves, most)
    steps = [sum(len(m.factors) for m in moves if m.lever == lever) for lever in grid.levers]
    wanted = {plan for plan in product(*(range(n + 1) for n in steps)) if 1 <= sum(s > 0 for s in plan) <= most}
    assert sorted(tuple(plan) for plan in grid.plans.tolist()) == sorted(wanted)


def test_a_plan_costs_what_its_steps_cost() -> None:
    """Costs add up over the levers that move."""
    grid = plan_grid()
    for plan in range(0, len(grid.plans), 997):
        assert grid.cost[plan] == pytest.approx(sum(level.cost for level in grid.moves(plan)))
        assert len(grid.moves(plan)) == (grid.plans[plan] > 0).sum()
