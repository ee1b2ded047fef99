"""All plans of an applicant, cheapest first: which moves at which step, the same for every application."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.features.actionable import MOST_CHANGES, MOVES, Move

LevelArray = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Level:
    """One step of one move; place: among the lever's levels, from 1, for 0 is to leave it as it is."""

    move: Move
    factor: float
    cost: float
    place: int


@dataclass(frozen=True)
class PlanGrid:
    """m plans in the order of their cost; of two that cost the same, the one with fewer changes is first.

    levers: their names; levels: by lever; plans: int16[m, levers], 0 for what stays as it is; cost: float64[m].
    """

    levers: tuple[str, ...]
    levels: tuple[tuple[Level, ...], ...]
    plans: LevelArray
    cost: FloatArray

    @cached_property
    def place(self) -> dict[str, int]:
        """Each lever's column in `plans`."""
        return {name: i for i, name in enumerate(self.levers)}

    def moves(self, plan: int) -> tuple[Level, ...]:
        """Return what a plan changes."""
        chosen = zip(self.levels, self.plans[plan].tolist(), strict=True)
        return tuple(levels[level - 1] for levels, level in chosen if level)


def build_grid(moves: Sequence[Move], most_changes: int) -> PlanGrid:
    """Return every plan that uses at most `most_changes` levers."""
    by_lever: dict[str, list[Level]] = {}
    for move in moves:
        levels = by_lever.setdefault(move.lever, [])
        for factor, price in zip(move.factors, move.costs, strict=True):
            levels.append(Level(move, factor, price, len(levels) + 1))
    levers = tuple(by_lever)
    plans: list[list[int]] = []
    costs: list[float] = []
    for count in range(1, most_changes + 1):
        for chosen in combinations(range(len(levers)), count):
            for steps in product(*(by_lever[levers[i]] for i in chosen)):
                plan = [0] * len(levers)
                for i, step in zip(chosen, steps, strict=True):
                    plan[i] = step.place
                plans.append(plan)
                costs.append(sum(step.cost for step in steps))
    cost: FloatArray = np.array(costs)
    # Stable, and made in the order of the number of changes: the same grid has the same order everywhere.
    order = np.argsort(np.round(cost, 9), kind="stable")
    grid = np.array(plans, dtype=np.int16)[order]
    return PlanGrid(levers, tuple(tuple(levels) for levels in by_lever.values()), grid, cost[order])


@cache
def plan_grid() -> PlanGrid:
    """Return the grid of the catalog's moves."""
    return build_grid(MOVES, MOST_CHANGES)
