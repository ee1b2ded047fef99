"""Bins of a reference, and what is counted on them."""

from __future__ import annotations

import numpy as np
import pytest

from monitoring.drift.bins import build_bins
from monitoring.drift.cells import MISSING
from monitoring.drift.feature_drift import feature_drift


def test_rare_categories_share_a_bin() -> None:
    """A category rarer than 2 % of the reference shares a bin, so that a small window cannot make it look drifted."""
    codes = np.array([0.0] * 500 + [1.0] * 490 + [2.0] * 5 + [3.0] * 5)
    bins = build_bins(("C",), codes[:, None], {"C": 5})
    assert bins.code_bin[0].tolist() == [0, 1, 2, 2, 2]


@pytest.mark.parametrize("column", [np.full(50, np.nan), np.full(50, 3.0), np.array([]), np.array([np.inf, np.nan])])
def test_a_reference_without_values_to_bin_still_counts(column: np.ndarray) -> None:
    """An all-missing, constant, empty or infinite reference column gives one bin and no error."""
    bins = build_bins(("X",), column[:, None], {})
    counts = bins.count(np.array([[1.0], [np.nan], [5.0]]))
    assert counts[0, 0] + counts[0, MISSING] == 3
    drift = feature_drift(bins.count(column[:, None]), counts)
    assert drift.n.tolist() == [3]
