"""How well a model ranks and what its policy costs, with outcomes known (realised) or not yet (estimated).

Both come from one computation on soft labels: a known outcome is 0 or 1, an unknown one is the calibrated probability
of default itself. The second is CBPE (confidence-based performance estimation, as NannyML describes it): right as long
as the calibration holds, so a realised value that leaves the estimate behind is a sign that it no longer does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.measures import auc_and_ks, brier, expected_cost, gini
from credit.policy import Policy

BANDS = (0.0, 0.02, 0.04, 0.06, 0.08, 0.12, 0.2, 0.35, 1.0)


@dataclass(frozen=True, slots=True)
class Performance:
    """Measures of n decisions; NaN where one class is missing.

    auc; gini = 2 auc - 1; ks: largest distance of the classes' score distributions; brier: mean squared error of the
    probability; cost_per_client: of the policy's cost-optimal cut, in its unit; default_rate: share of (expected)
    defaults; predicted_rate: mean probability; n: decisions.
    """

    auc: float
    gini: float
    ks: float
    brier: float
    cost_per_client: float
    default_rate: float
    predicted_rate: float
    n: int

    def measures(self) -> dict[str, float]:
        """Return every measure but n by name."""
        return {name: float(value) for name, value in asdict(self).items() if name != "n"}


def evaluate(
    probability: FloatArray, label: FloatArray, policy: Policy, weight: npt.ArrayLike | None = None
) -> Performance:
    """Evaluate float64[n] probabilities of default against labels in [0, 1]; weight: how many decisions each row is.

    The cost counts every decision at the policy's threshold, a referral as the threshold would have decided it.
    """
    w = np.ones(len(probability)) if weight is None else np.asarray(weight, dtype=np.float64)
    total = float(w.sum())
    if total == 0:
        nan = float("nan")
        return Performance(nan, nan, nan, nan, nan, nan, nan, 0)
    auc, ks = auc_and_ks(probability, label, w)
    return Performance(
        auc,
        gini(auc),
        ks,
        brier(probability, label, w),
        expected_cost(label, probability >= policy.threshold, policy.costs, w),
        float((w * label).sum() / total),
        float((w * probability).sum() / total),
        round(total),
    )


def estimate(probability: FloatArray, policy: Policy, weight: npt.ArrayLike | None = None) -> Performance:
    """Estimate what `evaluate` will say once outcomes are known, from calibrated probabilities alone (CBPE)."""
    return evaluate(probability, probability, policy, weight)


def band_names() -> tuple[str, ...]:
    """Return the names of the score bands, as ranges of the probability of default in per cent."""
    return tuple(f"{low * 100:g}-{high * 100:g} %" for low, high in pairwise(BANDS))


def band_rates(probability: FloatArray, label: FloatArray) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Return each band's default rate, NaN where it is empty, and its number of decisions."""
    place = np.clip(np.searchsorted(BANDS, probability, side="right") - 1, 0, len(BANDS) - 2)
    n = np.bincount(place, minlength=len(BANDS) - 1)
    bad = np.bincount(place, weights=label, minlength=len(BANDS) - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(n > 0, bad / n, np.nan), n
