"""Drift from counts."""

from __future__ import annotations

import numpy as np
import pytest

from monitoring.drift.bins import CELLS, MISSING, OUT_OF_RANGE, UNKNOWN, build_bins
from monitoring.drift.feature_drift import feature_drift, rows
from tests.unit.monitoring import made


def test_every_row_is_counted_once_for_every_feature() -> None:
    """Bins, unknown and missing add up to the rows whatever the values are."""
    features = made.rows(1000)
    features[:7, 2] = -1.0
    features[7:9, 2] = 17.0
    features[:3, 0] = [np.inf, -np.inf, 1e300]
    counts = made.reference().bins.count(features)
    assert rows(counts).tolist() == [1000] * 4
    assert counts[2, UNKNOWN] == 9
    assert counts[1, MISSING] == np.isnan(features[:, 1]).sum()
    assert counts[0, OUT_OF_RANGE] >= 3


def test_counting_agrees_with_searchsorted() -> None:
    """The column-free comparison puts every number where a binary search over the edges puts it."""
    features, reference = made.rows(2000, seed=5), made.reference()
    counts = reference.bins.count(features)
    for column in (0, 1, 3):
        edges = reference.bins.edges[column]
        present = features[:, column][~np.isnan(features[:, column])]
        expected = np.bincount(np.searchsorted(edges, present, side="left"), minlength=CELLS)
        assert counts[column, :UNKNOWN].tolist() == expected[:UNKNOWN].tolist()


def test_no_drift_stays_under_the_alert_even_at_the_smallest_window() -> None:
    """With 500 rows of the same distribution every PSI stays below 0.1."""
    reference = made.reference()
    worst = max(
        feature_drift(reference.counts, reference.bins.count(made.rows(500, seed))).psi.max() for seed in range(20)
    )
    assert worst < 0.1


def test_a_shift_and_a_gap_are_told_apart() -> None:
    """Scaled incomes raise the PSI of income alone; a missing score raises its missing shift, not its PSI."""
    reference, features = made.reference(), made.rows(5000, seed=3)
    features[:, 0] *= 1.3
    features[::3, 1] = np.nan
    drift = feature_drift(reference.counts, reference.bins.count(features))
    assert drift.psi[0] > 0.2
    assert drift.psi[1:].max() < 0.05
    assert drift.missing_shift[1] == pytest.approx(1 / 3, abs=0.03)
    assert abs(drift.missing_shift[[0, 2, 3]]).max() < 0.001


@pytest.mark.parametrize("column", [np.full(50, np.nan), np.full(50, 3.0), np.array([]), np.array([np.inf, np.nan])])
def test_a_reference_without_values_to_bin_still_counts(column: np.ndarray) -> None:
    """An all-missing, constant, empty or infinite reference column gives one bin and no error."""
    bins = build_bins(("X",), column[:, None], {})
    counts = bins.count(np.array([[1.0], [np.nan], [5.0]]))
    assert counts[0, 0] + counts[0, MISSING] == 3
    drift = feature_drift(bins.count(column[:, None]), counts)
    assert drift.n.tolist() == [3]


def test_rare_categories_share_a_bin() -> None:
    """A category rarer than 2 % of the reference shares a bin, so that a small window cannot make it look drifted."""
    codes = np.array([0.0] * 500 + [1.0] * 490 + [2.0] * 5 + [3.0] * 5)
    bins = build_bins(("C",), codes[:, None], {"C": 5})
    assert bins.code_bin[0].tolist() == [0, 1, 2, 2, 2]
