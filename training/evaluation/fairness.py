"""How decisions fall on groups that the law protects: measured on attributes that the model does not read."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.measures import auc
from credit.policy import Policy
from credit.schema import APPLICATION_COLUMNS, COLUMN_INDEX

AGE_BANDS = (0, 25, 35, 45, 55, 65, 200)
_FEWEST_ROWS = 100  # the ratio of a smaller group says more about chance than about the model


@dataclass(frozen=True)
class GroupRates:
    """One group: its size, default rate, approval rate at the threshold, AUC, and error rates.

    false_declines: part of the repayers who are declined; false_approvals: part of the defaulters who are approved.
    """

    attribute: str
    group: str
    rows: int
    default_rate: float
    approval_rate: float
    auc: float
    false_declines: float
    false_approvals: float


@dataclass(frozen=True)
class Fairness:
    """All groups' rates, and for each attribute the lowest approval rate over the highest (adverse impact ratio)."""

    groups: tuple[GroupRates, ...]
    adverse_impact: dict[str, float]


def audit_groups(values: FloatArray) -> dict[str, dict[str, npt.NDArray[np.bool_]]]:
    """Return, by attribute and group, which of the encoded applications float64[n, 120] belong to it."""
    groups: dict[str, dict[str, npt.NDArray[np.bool_]]] = {}
    for attribute, name in (("gender", "CODE_GENDER"), ("family", "NAME_FAMILY_STATUS")):
        codes = next(column.codes for column in APPLICATION_COLUMNS if column.name == name)
        column = values[:, COLUMN_INDEX[name]]
        groups[attribute] = {code: column == i for i, code in enumerate(codes)}
    age = values[:, COLUMN_INDEX["DAYS_BIRTH"]] / -365.25
    groups["age"] = {
        (f"under {high}" if low == 0 else f"{low} and over" if high == AGE_BANDS[-1] else f"{low} to {high - 1}"): (
            (age >= low) & (age < high)
        )
        for low, high in itertools.pairwise(AGE_BANDS)
    }
    return groups


def adverse_impact(values: FloatArray, approved: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Return by attribute the lowest approval rate over the highest of encoded applications float64[n, 120].

    Groups of fewer than 100 rows are left out. Source of the ratio: 29 CFR 1607.4(D), the four-fifths rule.
    """
    ratios: dict[str, float] = {}
    for attribute, groups in audit_groups(values).items():
        rates = [float(approved[member].mean()) for member in groups.values() if member.sum() >= _FEWEST_ROWS]
        ratios[attribute] = min(rates) / max(rates) if rates and max(rates) > 0 else 1.0
    return ratios


def measure_fairness(values: FloatArray, y: FloatArray, probability: FloatArray, policy: Policy) -> Fairness:
    """Measure out-of-fold probabilities float64[n] by gender, age band and family status.

    Approval means a probability below the threshold, referrals counted with the side they lie on.
    """
    approved = probability < policy.threshold
    found: list[GroupRates] = []
    for attribute, groups in audit_groups(values).items():
        for group, member in groups.items():
            if not member.any():
                continue
            good, bad = member & (y == 0), member & (y == 1)
            found.append(
                GroupRates(
                    attribute,
                    group,
                    int(member.sum()),
                    float(y[member].mean()),
                    float(approved[member].mean()),
                    auc(probability[member], y[member]),
                    float(1 - approved[good].mean()) if good.any() else float("nan"),
                    float(approved[bad].mean()) if bad.any() else float("nan"),
                )
            )
    return Fairness(tuple(found), adverse_impact(values, approved))
