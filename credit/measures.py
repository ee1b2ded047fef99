"""The measures of a credit score, each of them once: a gate, an alert and a report that name one mean the same number.

Shift of a distribution: PSI and Jensen-Shannon distance, on counts or on two samples. Discrimination: AUC, Gini, KS.
Calibration: Brier score. Money: expected cost. Labels may be soft: 0 or 1 where the outcome is known, a probability of
default where it is not, so that a realised measure and its estimate are one computation.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from credit.policy import Costs

# Shares below it are lifted to it before their logarithm is taken, as Evidently does: an empty bin stays finite.
PSI_FLOOR = 1e-4
DECILES = np.arange(0.1, 0.95, 0.1)
# A number with so few values has a bin for each: deciles would merge a rare value into its neighbour.
FEW_VALUES = 10


def shares(counts: IntArray) -> FloatArray:
    """Return int64[..., bins] counts as shares of their sum over the last axis; NaN where that is 0."""
    total = counts.sum(axis=-1, keepdims=True).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, counts / total, np.nan), dtype=np.float64)


def psi(reference: IntArray, current: IntArray) -> FloatArray:
    """Return the population stability index of each row of two int64[..., bins] arrays of counts, as float64[...].

    Sum of (p - q) ln(p / q) over the bins' shares (Siddiqi, Credit Risk Scorecards, 2006, ch. 10), shares below
    PSI_FLOOR lifted to it; NaN where one side has no counts. Without any shift it comes out near (bins - 1) / n.
    """
    # A bin that both leave empty is no bin (rows have differing numbers of them): floored alike, it adds nothing.
    q, p = np.maximum(shares(reference), PSI_FLOOR), np.maximum(shares(current), PSI_FLOOR)
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=-1), dtype=np.float64)


def js_distance(reference: IntArray, current: IntArray) -> FloatArray:
    """Return the Jensen-Shannon distance, base 2, 0 to 1, of each row of two int64[..., bins] arrays of counts.

    The root of the mean Kullback-Leibler divergence from the middle of both (Lin, Divergence Measures Based on the
    Shannon Entropy, 1991); NaN where one side has no counts.
    """
    q, p = shares(reference), shares(current)
    middle = (p + q) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        left = np.where(p > 0, p * np.log2(p / middle), 0.0)
        right = np.where(q > 0, q * np.log2(q / middle), 0.0)
    divergence = (left + right).sum(axis=-1) / 2
    empty = np.isnan(p).any(axis=-1) | np.isnan(q).any(axis=-1)
    return np.asarray(np.where(empty, np.nan, np.sqrt(np.clip(divergence, 0.0, 1.0))), dtype=np.float64)


def number_edges(values: FloatArray) -> FloatArray:
    """Return the inner edges, upper ends included, of a number's reference bins: deciles, or each of few values.

    values: float64[n], what is not finite left out; no edge for a constant.
    """
    present = values[np.isfinite(values)]
    if present.size == 0:
        return np.empty(0)
    distinct = np.unique(present)
    edges = distinct[:-1] if distinct.size <= FEW_VALUES else np.unique(np.quantile(present, DECILES, method="lower"))
    return np.asarray(edges[edges < distinct[-1]], dtype=np.float64)


def sample_psi(reference: FloatArray, current: FloatArray) -> float:
    """Return the PSI of two samples float64[n], float64[m], NaNs left out, on the bins of the first."""
    edges = number_edges(reference)

    def counted(values: FloatArray) -> IntArray:
        places = np.searchsorted(edges, values[~np.isnan(values)], side="left")
        return np.bincount(places, minlength=len(edges) + 1).astype(np.int64)

    return float(psi(counted(reference), counted(current)))


def auc_and_ks(score: FloatArray, default: FloatArray, weight: FloatArray | None = None) -> tuple[float, float]:
    """Return the area under the ROC curve and the Kolmogorov-Smirnov distance; NaNs where one class is missing.

    score: float64[n], higher is riskier; default: float64[n] in [0, 1]; weight: float64[n], how many rows each stands
    for. AUC is the chance that a default scores above a repaid loan, ties counted half (Hanley and McNeil, The Meaning
    and Use of the Area under a ROC Curve, 1982); KS the largest distance of the classes' score distributions.
    """
    w = np.ones(len(score)) if weight is None else weight
    bad, good = w * default, w * (1.0 - default)
    if bad.sum() <= 0 or good.sum() <= 0:
        return float("nan"), float("nan")
    _, place = np.unique(score, return_inverse=True)
    b = np.bincount(place, weights=bad) / bad.sum()
    g = np.bincount(place, weights=good) / good.sum()
    good_below = np.cumsum(g)
    auc = float((b * (good_below - g / 2)).sum())
    return auc, float(np.abs(np.cumsum(b) - good_below).max())


def auc(score: FloatArray, default: FloatArray) -> float:
    """Return the area under the ROC curve as `auc_and_ks` does."""
    return auc_and_ks(score, default)[0]


def gini(area: float) -> float:
    """Return the Gini coefficient of an area under the ROC curve: 2 AUC - 1."""
    return 2 * area - 1


def brier(probability: FloatArray, default: FloatArray, weight: FloatArray | None = None) -> float:
    """Return the mean squared error of float64[n] probabilities of default (Brier, 1950); arguments as above."""
    w = np.ones(len(probability)) if weight is None else weight
    bad, good = w * default, w * (1.0 - default)
    return float((bad * (1.0 - probability) ** 2 + good * probability**2).sum() / w.sum())


def expected_cost(
    default: FloatArray, declined: npt.NDArray[np.bool_], costs: Costs, weight: FloatArray | None = None
) -> float:
    """Return what decisions cost an application, in the unit of `costs`.

    default: float64[n] in [0, 1]; declined: bool[n], where the loan was not given. An approved default costs
    `false_negative`, a declined applicant who would have repaid `false_positive`.
    """
    w = np.ones(len(default)) if weight is None else weight
    bad, good = w * default, w * (1.0 - default)
    return float((costs.false_negative * bad[~declined].sum() + costs.false_positive * good[declined].sum()) / w.sum())


def wilson_interval(successes: float, n: float, z: float = 1.96) -> tuple[float, float]:
    """Return the interval of a share, by default of 95 % (Wilson, 1927): it holds for few cases and shares near 0 or 1.

    NaN where there is no case.
    """
    if n <= 0:
        return float("nan"), float("nan")
    share, part = successes / n, z * z / n
    middle = (share + part / 2) / (1 + part)
    half = z * np.sqrt(share * (1 - share) / n + part / (4 * n)) / (1 + part)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
