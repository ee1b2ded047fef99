"""Fairness by group."""

import numpy as np
import pytest

from credit.policy import Policy
from credit.schema import APPLICATION_COLUMNS, COLUMN_INDEX
from training.evaluation.fairness import measure_fairness

POLICY = Policy(threshold=0.5, refer_from=0.4, decline_from=0.6)


def test_adverse_impact_is_the_lowest_approval_rate_over_the_highest() -> None:
    """Women approved at 0.8, men at 0.4: a ratio of a half; error rates by group likewise by hand."""
    n = 1_000
    values = np.full((n, len(APPLICATION_COLUMNS)), np.nan)
    women = np.arange(n) < 500
    values[:, COLUMN_INDEX["CODE_GENDER"]] = np.where(women, 0.0, 1.0)
    approved = np.where(women, np.arange(n) % 10 < 8, np.arange(n) % 10 < 4)
    y = (np.arange(n) % 2).astype(float)
    found = measure_fairness(values, y, np.where(approved, 0.1, 0.9), POLICY)
    assert found.adverse_impact["gender"] == pytest.approx(0.5)
    rates = {g.group: g for g in found.groups if g.attribute == "gender"}
    assert rates["F"].approval_rate == pytest.approx(0.8)
    assert rates["M"].false_declines == pytest.approx(0.6)
    assert rates["M"].false_approvals == pytest.approx(0.4)


def test_a_tiny_group_does_not_decide_the_ratio() -> None:
    """Groups of fewer than a hundred are listed, but their chance rates are left out of the ratio."""
    n = 600
    values = np.full((n, len(APPLICATION_COLUMNS)), np.nan)
    values[:, COLUMN_INDEX["CODE_GENDER"]] = np.where(np.arange(n) < 5, 1.0, 0.0)
    probability = np.where(np.arange(n) < 5, 0.9, 0.1)
    found = measure_fairness(values, (np.arange(n) % 2).astype(float), probability, POLICY)
    assert found.adverse_impact["gender"] == 1.0
    assert {g.group for g in found.groups if g.attribute == "gender"} == {"F", "M"}
