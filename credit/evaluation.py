"""What training measured of a model on rows it had not seen: the content of `evaluation.json` in a model's folder.

Training writes it once, serving shows it to whoever answers for the model. It decides nothing, so a model's digest does
not cover it.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from credit.application import FloatArray
from credit.measures import calibration_curve, wilson_interval

_CALIBRATION_BINS = 20


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MeasuredValue(_Frozen):
    """A measure on all rows out of fold, and the 95 % interval that the folds' spread gives it."""

    value: float
    low: float | None = None
    high: float | None = None


class CalibrationPoint(_Frozen):
    """One bin of applicants of like probability: what was predicted, and what happened, with its 95 % interval."""

    predicted: float = Field(description="Mean probability of default.")
    observed: float = Field(description="Share that defaulted.")
    low: float
    high: float
    count: int


class GroupMeasures(_Frozen):
    """How decisions fall on one group; a figure is null where the group has nobody that it could be measured on."""

    attribute: str
    group: str
    count: int
    default_rate: float
    default_low: float
    default_high: float
    approval_rate: float = Field(description="Share below the threshold, referrals counted with the side they lie on.")
    approval_low: float
    approval_high: float
    auc: float | None
    false_declines: float | None = Field(description="Share of the repayers that is declined.")
    false_approvals: float | None = Field(description="Share of the defaulters that is approved.")


class Evaluation(_Frozen):
    """All of it."""

    rows: int
    default_rate: float
    folds: int
    measures: dict[str, MeasuredValue]
    calibration: tuple[CalibrationPoint, ...]
    fairness: tuple[GroupMeasures, ...]
    adverse_impact: dict[str, float] = Field(
        description="Attribute -> lowest approval rate of a group over the highest (the four-fifths rule)."
    )


def calibration_points(probability: FloatArray, y: FloatArray) -> tuple[CalibrationPoint, ...]:
    """Return predicted against observed default rates in bins of equal size, lowest first."""
    predicted, observed, rows = calibration_curve(probability, y, _CALIBRATION_BINS)
    low, high = wilson_interval(observed * rows, rows)
    return tuple(
        CalibrationPoint(predicted=p, observed=o, low=a, high=b, count=n)
        for p, o, a, b, n in zip(
            predicted.tolist(), observed.tolist(), low.tolist(), high.tolist(), rows.tolist(), strict=True
        )
    )
