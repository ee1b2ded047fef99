"""What goes with a model about its own worth: measures with intervals, calibration, groups; all out of fold."""

from __future__ import annotations

import numpy as np

from credit.evaluation import Evaluation, GroupMeasures, MeasuredValue, calibration_points
from credit.measures import wilson_interval
from training.evaluation.compare import student_half_width
from training.evaluation.fairness import Fairness
from training.fit.fitted import FittedModel
from training.fit.measures import Measures, measures

_LOWEST = {"gini": -1.0}  # no other measure can be below zero


def evaluate(fitted: FittedModel, fairness: Fairness) -> Evaluation:
    """Measure a fitted model's out-of-fold probabilities.

    A measure's interval is the value on all rows, give or take the half width that Student's t over the folds gives
    their mean: it tells of the spread between samples of a fold's size, and of nothing beyond this population.
    """
    half = _half_widths(fitted)
    return Evaluation(
        rows=len(fitted.y),
        default_rate=float(fitted.y.mean()),
        folds=len(np.unique(fitted.fold)),
        measures={
            name: MeasuredValue(
                value=value, low=max(value - half[name], _LOWEST.get(name, 0.0)), high=value + half[name]
            )
            for name, value in fitted.measures.as_dict().items()
        },
        calibration=calibration_points(fitted.probability, fitted.y),
        fairness=_groups(fairness),
        adverse_impact=fairness.adverse_impact,
    )


def _half_widths(fitted: FittedModel) -> dict[str, float]:
    policy = fitted.cut.policy
    table: list[list[float]] = []
    for k in np.unique(fitted.fold):
        part = fitted.fold == k
        found = measures(fitted.y[part], fitted.probability[part], policy.threshold, policy.costs)
        table.append(list(found.as_dict().values()))
    names = Measures(*table[0]).as_dict()
    return dict(zip(names, student_half_width(np.array(table)).tolist(), strict=True))


def _groups(fairness: Fairness) -> tuple[GroupMeasures, ...]:
    groups = fairness.groups
    n = np.array([g.rows for g in groups], dtype=np.int64)
    defaults = wilson_interval(np.array([g.default_rate for g in groups]) * n, n)
    approvals = wilson_interval(np.array([g.approval_rate for g in groups]) * n, n)
    return tuple(
        GroupMeasures(
            attribute=g.attribute,
            group=g.group,
            count=g.rows,
            default_rate=g.default_rate,
            default_low=float(defaults[0][i]),
            default_high=float(defaults[1][i]),
            approval_rate=g.approval_rate,
            approval_low=float(approvals[0][i]),
            approval_high=float(approvals[1][i]),
            auc=_finite(g.auc),
            false_declines=_finite(g.false_declines),
            false_approvals=_finite(g.false_approvals),
        )
        for i, g in enumerate(groups)
    )


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
