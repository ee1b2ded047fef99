"""Calibration as points."""

from __future__ import annotations

import numpy as np
import pytest

from credit.evaluation import calibration_points


def test_points_are_bins_of_equal_size_with_what_happened() -> None:
    """Forty rows in twenty bins: two rows each, half of the upper one's defaulted."""
    probability = np.arange(40) / 40
    default = np.zeros(40)
    default[39] = 1.0
    points = calibration_points(probability, default)
    assert [point.count for point in points] == [2] * 20
    assert points[-1].observed == 0.5
    assert points[-1].predicted == pytest.approx((38 + 39) / 80)
    assert points[0].observed == points[0].low == 0.0
    assert points[-1].low < 0.5 < points[-1].high
