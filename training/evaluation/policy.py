"""How sure a threshold is, what a review band is worth, and what another objective would decide on the same rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from credit.policy import Costs
from training.fit.calibrate import choose_policy, fold_optima
from training.fit.profit import LoanValues

_RESAMPLES = 400
_SHARES = (0.0, 0.05, 0.10, 0.15, 0.20, 0.25, 0.30)


@dataclass(frozen=True)
class Interval:
    """A figure on all rows, and what 95 % of resamples give."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Scored:
    """Labelled rows with probabilities that no model of theirs made: y, probability float64[n], fold int64[n]."""

    y: FloatArray
    probability: FloatArray
    fold: IntArray

    def of(self, rows: IntArray | npt.NDArray[np.bool_]) -> Scored:
        """Return some of the rows."""
        return Scored(self.y[rows], self.probability[rows], self.fold[rows])


@dataclass(frozen=True)
class Reviewer:
    """What a review costs, in units of a wrong decline, and the part of reviewed applications that is decided rightly.

    The accuracy is taken for the same on defaulters and repayers, and not to depend on the score.
    """

    cost: float
    accuracy: float


@dataclass(frozen=True)
class ReviewPoint:
    """Cost per client with a band for a share of the applications, against deciding all of them automatically.

    referred: the share that the band held on rows it was not set by; saved: automatic cost less cost with the band;
    break_even: the reviewer's accuracy from which the band saves anything, NaN without one.
    """

    share: float
    referred: float
    cost: float
    saved: Interval
    break_even: float


@dataclass(frozen=True)
class ObjectiveMeasured:
    """Decisions at thresholds that one objective chose on the other folds, measured by both."""

    objective: str
    threshold: Interval
    approved: float
    default_rate: float
    cost: Interval
    profit: Interval


@dataclass(frozen=True)
class ObjectivesCompared:
    """Both objectives on the same rows; the differences are profit's less cost's, resampled in pairs."""

    by_cost: ObjectiveMeasured
    by_profit: ObjectiveMeasured
    cost_difference: Interval
    profit_difference: Interval


def threshold_interval(scored: Scored, costs: Costs, values: LoanValues | None = None) -> Interval:
    """Return the mean of the folds' optima and its 95 % percentile interval, rows resampled within each fold.

    values: the objective is profit where given, cost else. The scores are held fixed: how much another fit would move
    the threshold is not in it.
    """
    rng = np.random.default_rng(0)
    members = [np.flatnonzero(scored.fold == k) for k in np.unique(scored.fold)]
    found = []
    for _ in range(_RESAMPLES):
        rows = np.concatenate([rng.choice(part, len(part)) for part in members])
        found.append(_threshold(scored, rows, costs, values))
    low, high = np.quantile(found, [0.025, 0.975])
    return Interval(_threshold(scored, np.arange(len(scored.y)), costs, values), float(low), float(high))


def _threshold(scored: Scored, rows: IntArray, costs: Costs, values: LoanValues | None) -> float:
    part = scored.of(rows)
    own = None if values is None else values.of(rows)
    return float(np.clip(np.mean(fold_optima(part.probability, part.y, part.fold, costs, own)), 0.0, 1.0))


def nested_thresholds(scored: Scored, costs: Costs, values: LoanValues | None = None) -> FloatArray:
    """Return for each row the threshold that the rule chooses on the other folds, float64[n]."""
    return _nested(scored, lambda others: np.array([_threshold(scored, others, costs, values)]))[:, 0]


def _nested(scored: Scored, choose: Callable[[IntArray], FloatArray]) -> FloatArray:
    """Return for each row what is chosen on the row numbers of the other folds: float64[n, k]."""
    folds = np.unique(scored.fold)
    chosen = [choose(np.flatnonzero(scored.fold != k)) for k in folds]
    return np.array(chosen)[np.searchsorted(folds, scored.fold)]


def review_curve(
    scored: Scored, costs: Costs, reviewer: Reviewer, shares: Sequence[float] = _SHARES
) -> list[ReviewPoint]:
    """Measure bands of several shares, each with its threshold, set on the other folds of every row.

    A reviewed application costs the review, and the error's cost times the reviewer's part of wrong decisions; no
    draws are made. Intervals resample rows and hold the bands.
    """
    wrong = np.where(scored.y == 1, costs.false_negative, costs.false_positive)
    automatic = automatic_costs(scored, nested_thresholds(scored, costs), costs)
    found = []
    for share in shares:
        bands = _nested(scored, partial(_band, scored, costs, share))
        referred = (scored.probability >= bands[:, 0]) & (scored.probability < bands[:, 1])
        cost = np.where(referred, reviewer.cost + (1 - reviewer.accuracy) * wrong, automatic)
        at_stake = float(wrong[referred].sum())
        spare = float((automatic[referred] - reviewer.cost).sum())
        found.append(
            ReviewPoint(
                share,
                float(referred.mean()),
                float(cost.mean()),
                resampled_mean(automatic - cost),
                1 - spare / at_stake if at_stake > 0 else float("nan"),
            )
        )
    return found


def _band(scored: Scored, costs: Costs, share: float, rows: IntArray) -> FloatArray:
    part = scored.of(rows)
    policy = choose_policy(part.probability, part.y, part.fold, costs, share).policy
    return np.array([policy.refer_from, policy.decline_from])


def automatic_costs(scored: Scored, thresholds: FloatArray, costs: Costs) -> FloatArray:
    """Return each row's cost at its threshold, float64[n]."""
    declined = scored.probability >= thresholds
    return np.where(
        scored.y == 1, np.where(declined, 0.0, costs.false_negative), np.where(declined, costs.false_positive, 0.0)
    )


def compare_objectives(scored: Scored, costs: Costs, values: LoanValues) -> ObjectivesCompared:
    """Choose thresholds by cost and by profit on the other folds, and measure both ways by both figures."""
    measured, paid, earned = [], [], []
    for name, own in (("cost", None), ("profit", values)):
        thresholds = nested_thresholds(scored, costs, own)
        approved = scored.probability < thresholds
        paid.append(automatic_costs(scored, thresholds, costs))
        earned.append(np.where(approved, values.earned(scored.y), 0.0))
        measured.append(
            ObjectiveMeasured(
                name,
                threshold_interval(scored, costs, own),
                float(approved.mean()),
                float(scored.y[approved].mean()) if approved.any() else float("nan"),
                resampled_mean(paid[-1]),
                resampled_mean(earned[-1]),
            )
        )
    return ObjectivesCompared(
        measured[0], measured[1], resampled_mean(paid[1] - paid[0]), resampled_mean(earned[1] - earned[0])
    )


def resampled_mean(values: FloatArray) -> Interval:
    """Return the mean of float64[n] and its 95 % percentile interval over resamples of the rows.

    The resamples are the same for arrays of one length, so that figures of the same rows are resampled in pairs.
    """
    rng = np.random.default_rng(0)
    means = [float(values[rng.integers(0, len(values), len(values))].mean()) for _ in range(_RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high))
