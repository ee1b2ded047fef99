"""Drift from counts."""

from __future__ import annotations

import numpy as np
import pytest

from monitoring.drift.feature_drift import feature_drift
from tests.fixtures import audited


def test_no_drift_stays_under_the_alert_even_at_the_smallest_window() -> None:
    """With 500 rows of the same distribution every PSI stays below 0.1."""
    reference = audited.reference()
    worst = max(
        feature_drift(reference.counts, reference.bins.count(audited.rows(500, seed))).psi.max() for seed in range(20)
    )
    assert worst < 0.1


def test_a_shift_and_a_gap_are_told_apart() -> None:
    """Scaled incomes raise the PSI of income alone; a missing score raises its missing shift, not its PSI."""
    reference, features = audited.reference(), audited.rows(5000, seed=3)
    features[:, 0] *= 1.3
    features[::3, 1] = np.nan
    drift = feature_drift(reference.counts, reference.bins.count(features))
    assert drift.psi[0] > 0.2
    assert drift.psi[1:].max() < 0.05
    assert drift.missing_shift[1] == pytest.approx(1 / 3, abs=0.03)
    assert abs(drift.missing_shift[[0, 2, 3]]).max() < 0.001
