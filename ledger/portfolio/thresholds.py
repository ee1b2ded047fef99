"""What another threshold would have cost: the bank's two errors along the probability of default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.policy import Policy
from ledger.portfolio.counting import PortfolioCounts
from ledger.portfolio.filters import PortfolioFilter

# Probabilities in steps of a four-hundredth; shown finely below a half, where thresholds lie, and in twentieths above.
_STEPS: Final = 400
_SHOWN: Final = (*range(0, _STEPS // 2, 2), *range(_STEPS // 2, _STEPS + 1, _STEPS // 20))
_FEWEST_OUTCOMES: Final = 200
_QUESTION: Final = f"""
SELECT least(floor(probability * {_STEPS}), {_STEPS - 1})::INTEGER, count(*), sum(probability), count(defaulted),
       coalesce(sum(defaulted), 0)
FROM source_rows WHERE {{condition}} GROUP BY 1
"""
Basis = Literal["observed", "expected"]


@dataclass(frozen=True, slots=True)
class ThresholdCurve:
    """Costs along the threshold; `rows` are those that are counted.

    basis: observed outcomes, or the defaults that the probabilities tell of where too few outcomes are known.
    """

    basis: Basis
    rows: int
    policy: Policy
    threshold: FloatArray
    cost: FloatArray
    approval_rate: FloatArray
    defaults: FloatArray
    declined_good: FloatArray

    def document(self) -> dict[str, Any]:
        """Return the curve as the API tells it, with today's threshold and the cheapest."""
        points = [
            {"threshold": t, "cost": c, "approval_rate": a, "defaults": d, "declined_good": g}
            for t, c, a, d, g in zip(
                self.threshold.round(4).tolist(),
                self.cost.round(2).tolist(),
                self.approval_rate.round(6).tolist(),
                self.defaults.round(2).tolist(),
                self.declined_good.round(2).tolist(),
                strict=True,
            )
        ]
        cheapest = points[int(np.argmin(self.cost))]["threshold"] if self.rows else None
        return {
            "basis": self.basis,
            "rows": self.rows,
            "current": self.policy.threshold,
            "refer_from": self.policy.refer_from,
            "decline_from": self.policy.decline_from,
            "cheapest": cheapest,
            "false_negative_cost": self.policy.false_negative_cost,
            "false_positive_cost": self.policy.false_positive_cost,
            "thresholds": points if self.rows else [],
        }


def threshold_curve(counts: PortfolioCounts, wanted: PortfolioFilter, policy: Policy) -> ThresholdCurve:
    """Return what each threshold costs: an application below it is approved, any other declined."""
    condition, values = wanted.condition()
    rows = counts.ask(_QUESTION.format(condition=condition), values, wanted.source)
    steps: npt.NDArray[np.float64] = np.zeros((_STEPS, 4))
    for step, *figures in rows:
        steps[step] = figures
    count, probability, observed, defaulted = steps.T
    basis: Basis = "observed" if observed.sum() >= _FEWEST_OUTCOMES else "expected"
    n, bad = (observed, defaulted) if basis == "observed" else (count, probability)
    shown = np.array(_SHOWN)
    below = np.concatenate([[0.0], np.cumsum(n)])[shown]
    bad_below = np.concatenate([[0.0], np.cumsum(bad)])[shown]
    declined_good = (n.sum() - bad.sum()) - (below - bad_below)
    cost = policy.false_negative_cost * bad_below + policy.false_positive_cost * declined_good
    total = float(n.sum())
    return ThresholdCurve(
        basis,
        round(total),
        policy,
        shown / _STEPS,
        cost,
        below / total if total else np.zeros(len(shown)),
        bad_below,
        declined_good,
    )
