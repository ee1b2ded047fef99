"""Whom a challenger would approve that the champion does not, and the other way round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from credit.application import FloatArray
from credit.measures import expected_cost
from credit.policy import Policy


@dataclass(frozen=True, slots=True)
class SwapSet:
    """A challenger against the champion on the same n applications.

    swapped_in: share that only the challenger approves; swapped_out: share that only the champion approves; cost and
    challenger_cost: per client, both approving the same share; NaN where no outcome is known.
    """

    n: int
    swapped_in: float
    swapped_out: float
    cost: float
    challenger_cost: float


def swap(
    probability: FloatArray, challenger: FloatArray, policy: Policy, challenger_policy: Policy, label: FloatArray | None
) -> SwapSet:
    """Compare the approvals of both below their thresholds, and their costs at the champion's approval rate."""
    n = len(probability)
    nan = float("nan")
    if not n:
        return SwapSet(0, nan, nan, nan, nan)
    approved = probability < policy.threshold
    other = challenger < challenger_policy.threshold
    into, out = float((other & ~approved).mean()), float((approved & ~other).mean())
    if label is None:
        return SwapSet(n, into, out, nan, nan)
    # At an equal approval rate the comparison is of ranking alone, not of where each put its threshold.
    chosen = np.zeros(n, dtype=np.bool_)
    chosen[np.argsort(challenger, kind="stable")[: int(approved.sum())]] = True
    costs = (expected_cost(label, ~approves, policy.costs) for approves in (approved, chosen))
    return SwapSet(n, into, out, *costs)
