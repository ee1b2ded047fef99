"""The cheapest plans that bring an approval: all plans in the order of their cost, until one does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from credit.application import FloatArray
from credit.features.actionable import MoveName
from serve_app.counterfactual.candidates import Candidates
from serve_app.counterfactual.grid import PlanGrid, plan_grid

# Large enough that a row costs little, small enough that a near plan is found without scoring the far ones.
_BLOCK = 512
# A plan may be refused when it is decided again, at the very edge of the threshold: then the next one is tried.
_PROPOSALS = 4


class Score(Protocol):
    """Who knows what a model says of the same client's application under several plans."""

    def __call__(self, values: FloatArray) -> FloatArray:
        """Return probabilities of default, float64[n], of float64[n, columns]."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan that the score says is approved: its moves, their cost, and the application under it, float64[columns]."""

    moves: tuple[MoveName, ...]
    cost: float
    values: FloatArray


@dataclass(frozen=True, slots=True)
class Proposals:
    """The cheapest plans that are approved, none where there is none; open: plans within reach; scored: how many of
    them were looked at."""

    found: tuple[Proposal, ...]
    open: int
    scored: int


def propose(before: FloatArray, score: Score, below: float, grid: PlanGrid | None = None) -> Proposals:
    """Search the plans open to one application, float64[columns], for a probability of default under `below`.

    No plan that is cheaper than the first proposal is approved, and where none is found there is none: every plan that
    is open has then been scored.
    """
    grid = grid or plan_grid()
    candidates = Candidates.of(before, grid)
    for start in range(0, len(candidates), _BLOCK):
        plans = candidates.open[start : start + _BLOCK]
        values = candidates.values(plans)
        approved = np.flatnonzero(score(values) < below)[:_PROPOSALS]
        if approved.size:
            found = tuple(
                Proposal(tuple(level.move.name for level in grid.moves(plan)), float(grid.cost[plan]), values[row])
                for row, plan in zip(approved.tolist(), plans[approved].tolist(), strict=True)
            )
            return Proposals(found, len(candidates), start + len(plans))
    return Proposals((), len(candidates), len(candidates))
