"""All measures of one model on labelled rows, and the threshold at which its decisions cost least."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np

from credit.application import FloatArray
from credit.measures import auc_and_ks, brier, calibration_curve, expected_cost, gini
from credit.policy import Costs

CALIBRATION_BINS = 10


@dataclass(frozen=True)
class Measures:
    """Measures on n rows; cost is per client at the threshold given, in units of a falsely declined applicant."""

    auc: float
    gini: float
    ks: float
    average_precision: float
    brier: float
    calibration_error: float
    cost: float

    @staticmethod
    def of(metrics: Mapping[str, float]) -> Measures:
        """Return the measures that a run logged by `as_dict`, NaN for one that it lacks."""
        return Measures(**{field.name: metrics.get(field.name, float("nan")) for field in fields(Measures)})

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def measures(y: FloatArray, probability: FloatArray, threshold: float, costs: Costs) -> Measures:
    """Measure probabilities of default float64[n] against labels float64[n]; needs both classes."""
    from sklearn.metrics import average_precision_score

    area, ks = auc_and_ks(probability, y)
    return Measures(
        auc=area,
        gini=gini(area),
        ks=ks,
        average_precision=float(average_precision_score(y, probability)),
        brier=brier(probability, y),
        calibration_error=calibration_error(y, probability),
        cost=cost_at(y, probability, threshold, costs),
    )


def calibration_error(y: FloatArray, probability: FloatArray, bins: int = CALIBRATION_BINS) -> float:
    """Return the expected calibration error over bins of equal size.

    Source: Naeini et al., Obtaining Well Calibrated Probabilities Using Bayesian Binning (2015).
    """
    predicted, observed, rows = calibration_curve(probability, y, bins)
    return float((np.abs(predicted - observed) * rows).sum() / len(y))


def cost_at(y: FloatArray, probability: FloatArray, threshold: float, costs: Costs) -> float:
    """Return the cost per client of declining from `threshold` on."""
    return expected_cost(y, probability >= threshold, costs)


def cost_curve(y: FloatArray, probability: FloatArray, costs: Costs) -> tuple[FloatArray, FloatArray]:
    """Return thresholds float64[m], ascending, and the cost per client at each; the last threshold declines nobody."""
    order = np.argsort(probability, kind="stable")
    sorted_p, sorted_y = probability[order], y[order]
    first = np.concatenate([[True], sorted_p[1:] > sorted_p[:-1]])
    thresholds = np.append(sorted_p[first], np.nextafter(sorted_p[-1], np.inf))
    missed_below = np.concatenate([[0.0], np.cumsum(sorted_y)])
    at = np.append(np.flatnonzero(first), len(y))
    missed = missed_below[at]
    good_from = (len(y) - at) - (sorted_y.sum() - missed)
    return thresholds, (costs.false_negative * missed + costs.false_positive * good_from) / len(y)


def best_threshold(y: FloatArray, probability: FloatArray, costs: Costs) -> float:
    """Return the threshold of least cost; where several cost the same, the middle one."""
    thresholds, cost = cost_curve(y, probability, costs)
    best = np.flatnonzero(cost <= cost.min() + 1e-12)
    return float(thresholds[best[len(best) // 2]])
