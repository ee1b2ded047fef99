"""How much of a model is its seed: the whole way again by other seeds, on rows held apart from every choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from credit.application import FloatArray
from credit.measures import auc
from credit.policy import Costs
from training.data.dataset import Dataset
from training.fit.fitted import FittedModel
from training.fit.measures import cost_at, cost_curve

_RESAMPLES = 400


@dataclass(frozen=True)
class ApartScore:
    """One model on the rows held apart, and out of fold on the others; cost per client at its own threshold.

    lowest_cost: at the threshold that would have been best there, which nobody knows beforehand.
    """

    name: str
    features: int
    trees: int
    auc_out_of_fold: float
    auc: float
    auc_history: float
    cost: float
    lowest_cost: float


@dataclass(frozen=True)
class Seeds:
    """The scores by seed, their spread as sample standard deviations, and the rows' own share of chance.

    auc_interval, cost_interval: 95 % of resamples of the rows held apart, for the first seed. rows: how many there are.
    """

    scores: tuple[ApartScore, ...]
    rows: int
    with_history: int
    spread_out_of_fold: float
    spread: float
    auc_interval: tuple[float, float]
    cost_interval: tuple[float, float]


def measure_seeds(fits: Sequence[tuple[int, FittedModel]], apart: Dataset, costs: Costs) -> Seeds:
    """Measure models of the same rows and several seeds on the rows held apart, and say how far they differ."""
    scores, probabilities = [], []
    for seed, fitted in fits:
        raw = fitted.raw_of(apart.X)
        probability = fitted.calibration.calibration.probability(raw)
        probabilities.append(probability)
        known = apart.has_history
        scores.append(
            ApartScore(
                f"seed {seed}",
                len(fitted.features),
                fitted.booster.num_trees(),
                auc(fitted.raw, fitted.y),
                auc(raw, apart.y),
                auc(raw[known], apart.y[known]) if known.any() else float("nan"),
                cost_at(apart.y, probability, fitted.cut.policy.threshold, costs),
                float(cost_curve(apart.y, probability, costs)[1].min()),
            )
        )
    threshold = fits[0][1].cut.policy.threshold
    area, cost = _resampled(apart.y, probabilities[0], threshold, costs)
    return Seeds(
        tuple(scores),
        len(apart.y),
        int(apart.has_history.sum()),
        _spread([score.auc_out_of_fold for score in scores]),
        _spread([score.auc for score in scores]),
        area,
        cost,
    )


def _spread(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


def _resampled(
    y: FloatArray, probability: FloatArray, threshold: float, costs: Costs
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return what 95 % of resamples of the rows give: AUC and cost at the threshold."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(_RESAMPLES):
        rows = rng.integers(0, len(y), len(y))
        if y[rows].min() < y[rows].max():
            area = auc(probability[rows], y[rows])
            found.append((area, cost_at(y[rows], probability[rows], threshold, costs)))
    if not found:
        return (float("nan"), float("nan")), (float("nan"), float("nan"))
    low, high = np.quantile(np.array(found), [0.025, 0.975], axis=0)
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


@dataclass(frozen=True)
class RowsDifficulty:
    """How well a score that was never fitted tells defaults from repaid loans on some rows: how hard they are."""

    name: str
    rows: int
    default_rate: float
    auc: float
    standard_error: float


def rows_difficulty(name: str, score: FloatArray, y: FloatArray) -> RowsDifficulty:
    """Measure a fixed score on labelled rows; the error is Hanley and McNeil's (1982), missing scores left out."""
    known = ~np.isnan(score)
    area = auc(score[known], y[known])
    bad, good = float(y[known].sum()), float((1 - y[known]).sum())
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (area * (1 - area) + (bad - 1) * (q1 - area**2) + (good - 1) * (q2 - area**2)) / (bad * good)
    return RowsDifficulty(name, len(y), float(y.mean()), area, float(np.sqrt(variance)))
