"""Reject inference: rows of unknown outcome learned from with what a model of the known ones supposes about them.

It can only hand on what the known rows say, or what the bank assumes beside them (the uplift): no outcome is observed.
Source of both ways: Siddiqi, Credit Risk Scorecards (2006), ch. 6, reject inference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from credit.application import FloatArray

RejectMethod = Literal["fuzzy", "parcelling"]
Score = Callable[[FloatArray], FloatArray]
FitScore = Callable[[FloatArray, FloatArray], Score]
"""Fits on X float64[n, f] and y float64[n]; the score is a probability of default of rows it did not see."""

_MOST_RATE = 0.99


@dataclass(frozen=True)
class LearnedRows:
    """Rows to fit on: X float64[n, f], y float64[n], weight float64[n]; the labelled come first, each of weight 1."""

    X: FloatArray
    y: FloatArray
    weight: FloatArray


def with_rejects(
    X: FloatArray,
    y: FloatArray,
    rejects: FloatArray,
    method: RejectMethod,
    fit: FitScore,
    *,
    uplift: float,
    bands: int,
    seed: int,
) -> LearnedRows:
    """Return the labelled rows and, behind them, the rejects float64[m, f] with supposed outcomes.

    fuzzy: each reject twice, as a default and as a repaid loan, weighted by the probabilities of either, which sum to
    1. parcelling: each once; its outcome is drawn by the default rate of the labelled rows in its band of scores, times
    `uplift`. Both score rows by models that did not see them: labelled ones by a model of the other half.
    """
    scores = _HalvesScores.of(X, y, rejects, fit, seed)
    if method == "fuzzy":
        p = scores.rejects
        outcome = np.concatenate([np.ones(len(p)), np.zeros(len(p))])
        return LearnedRows(
            np.concatenate([X, rejects, rejects]),
            np.concatenate([y, outcome]),
            np.concatenate([np.ones(len(y)), p, 1 - p]),
        )
    rate = band_rates(scores.labelled, y, scores.rejects, bands, uplift)
    drawn = (np.random.default_rng([seed, 1]).random(len(rejects)) < rate).astype(np.float64)
    return LearnedRows(
        np.concatenate([X, rejects]), np.concatenate([y, drawn]), np.ones(len(y) + len(rejects), dtype=np.float64)
    )


def band_rates(labelled: FloatArray, y: FloatArray, rejects: FloatArray, bands: int, uplift: float) -> FloatArray:
    """Return each reject's supposed default rate, float64[m], from scores of labelled rows float64[n] and rejects.

    Bands hold equally many labelled rows; beyond the outermost, the nearest band counts. A rate is at most 0.99.
    """
    inner = np.unique(np.quantile(labelled, np.linspace(0, 1, bands + 1)[1:-1]))
    at = np.searchsorted(inner, labelled, side="right")
    rows = np.bincount(at, minlength=len(inner) + 1)
    defaults = np.bincount(at, weights=y, minlength=len(inner) + 1)
    rate = np.where(rows > 0, defaults / np.maximum(rows, 1), y.mean())
    return np.minimum(rate[np.searchsorted(inner, rejects, side="right")] * uplift, _MOST_RATE)


@dataclass(frozen=True)
class _HalvesScores:
    """Scores of labelled rows by a model of the other half, and of the rejects by the mean of both halves' models."""

    labelled: FloatArray
    rejects: FloatArray

    @staticmethod
    def of(X: FloatArray, y: FloatArray, rejects: FloatArray, fit: FitScore, seed: int) -> _HalvesScores:
        half = np.empty(len(y), dtype=np.int64)
        rng = np.random.default_rng([seed, 0])
        for label in (0.0, 1.0):  # stratified: a half without defaults teaches nothing
            rows = rng.permutation(np.flatnonzero(y == label))
            half[rows] = np.arange(len(rows)) % 2
        labelled, others = np.empty(len(y)), np.zeros(len(rejects))
        for k in (0, 1):
            score = fit(X[half != k], y[half != k])
            labelled[half == k] = score(X[half == k])
            others += score(rejects) / 2
        return _HalvesScores(labelled, others)
