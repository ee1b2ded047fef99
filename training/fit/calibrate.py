"""From out-of-fold raw scores to calibrated probabilities, a threshold and a refer band."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from credit.application import FloatArray, IntArray
from credit.manifest import Calibration
from credit.measures import brier as brier_score
from credit.policy import Costs, Policy
from training.fit.measures import best_threshold
from training.fit.profit import LoanValues, most_profitable_threshold

_FLOOR = 1e-4  # a probability of exactly 0 or 1 claims more than any sample can show
_MOST_KNOTS = 200


def fit_platt(raw: FloatArray, y: FloatArray) -> Calibration:
    """Fit slope and intercept by maximum likelihood. Source: Platt, Probabilistic Outputs for SVMs (1999)."""
    slope, intercept = 1.0, 0.0
    smooth = np.where(y == 1, (y.sum() + 1) / (y.sum() + 2), 1 / ((1 - y).sum() + 2))
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(slope * raw + intercept, -30, 30)))
        weight = np.maximum(p * (1 - p), 1e-12)
        gap = smooth - p
        gradient = np.array([np.sum(gap * raw), np.sum(gap)])
        hessian = np.array(
            [[np.sum(weight * raw * raw), np.sum(weight * raw)], [np.sum(weight * raw), np.sum(weight)]]
        ) + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        slope, intercept = slope + step[0], intercept + step[1]
        if np.abs(step).max() < 1e-10:
            break
    return Calibration(method="platt", slope=float(slope), intercept=float(intercept))


def fit_isotonic(raw: FloatArray, y: FloatArray) -> Calibration:
    """Fit a rising step curve and keep it as knots, linear between them; probabilities stay within (0, 1)."""
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=_FLOOR, y_max=1 - _FLOOR, out_of_bounds="clip").fit(raw, y)
    x, p = fitted.X_thresholds_, fitted.y_thresholds_
    if len(x) > _MOST_KNOTS:
        keep = np.unique(np.linspace(0, len(x) - 1, _MOST_KNOTS).astype(int))
        x, p = x[keep], p[keep]
    return Calibration(method="isotonic", x=tuple(float(v) for v in x), y=tuple(float(v) for v in p))


@dataclass(frozen=True)
class CalibrationChoice:
    """The calibration kept, out-of-fold probabilities by it, and the Brier score of each candidate."""

    calibration: Calibration
    probability: FloatArray
    brier: dict[str, float]


def choose_calibration(raw: FloatArray, y: FloatArray, fold: IntArray) -> CalibrationChoice:
    """Choose between none, Platt and isotonic by the Brier score of probabilities fitted on the other folds.

    raw, y: float64[n], out-of-fold log-odds and labels; fold: int64[n]. Isotonic ties many applicants, which blunts the
    ranking that the refer band needs, so it must beat Platt by more than noise (a tenth of a standard error).
    """
    candidates = {"none": lambda *_: Calibration(), "platt": fit_platt, "isotonic": fit_isotonic}
    nested = {name: np.empty_like(raw) for name in candidates}
    for k in np.unique(fold):
        held, seen = fold == k, fold != k
        for name, fit in candidates.items():
            nested[name][held] = fit(raw[seen], y[seen]).probability(raw[held])
    brier = {name: brier_score(p, y) for name, p in nested.items()}
    best = "platt" if brier["platt"] < brier["none"] else "none"
    gain = (nested[best] - y) ** 2 - (nested["isotonic"] - y) ** 2
    if gain.mean() > 0.1 * gain.std() / np.sqrt(len(y)):
        best = "isotonic"
    return CalibrationChoice(candidates[best](raw, y), nested[best], brier)


@dataclass(frozen=True)
class Cut:
    """The policy, and the folds' own optimal thresholds with their spread."""

    policy: Policy
    fold_thresholds: tuple[float, ...]

    @property
    def spread(self) -> float:
        return float(np.std(self.fold_thresholds))


def fold_optima(
    probability: FloatArray, y: FloatArray, fold: IntArray, costs: Costs, values: LoanValues | None = None
) -> tuple[float, ...]:
    """Return each fold's own best threshold: of least cost, or of greatest profit where the loans' values are given."""
    if values is None:
        return tuple(best_threshold(y[fold == k], probability[fold == k], costs) for k in np.unique(fold))
    return tuple(
        most_profitable_threshold(y[fold == k], probability[fold == k], values.of(fold == k)) for k in np.unique(fold)
    )


def choose_policy(
    probability: FloatArray,
    y: FloatArray,
    fold: IntArray,
    costs: Costs,
    review_share: float,
    values: LoanValues | None = None,
) -> Cut:
    """Set the threshold to the mean of the folds' optima, and a band around it that holds `review_share` of rows.

    The band takes as many applicants below the threshold as above it, as far as there are any. values: the optima are
    those of profit instead of cost; the policy carries the costs all the same, for whoever measures by them.
    """
    optima = fold_optima(probability, y, fold, costs, values)
    threshold = float(np.clip(np.mean(optima), 0.0, 1.0))
    ranked = np.sort(probability)
    n = len(ranked)
    at = int(np.searchsorted(ranked, threshold))
    width = round(review_share * n)
    start = min(max(at - width // 2, 0), n - width)
    refer_from = min(float(ranked[start]), threshold) if width else threshold
    decline_from = threshold if not width else float(ranked[start + width]) if start + width < n else 1.0
    policy = Policy(
        false_negative_cost=costs.false_negative,
        false_positive_cost=costs.false_positive,
        threshold=threshold,
        refer_from=refer_from,
        decline_from=max(decline_from, threshold),
    )
    return Cut(policy, optima)
