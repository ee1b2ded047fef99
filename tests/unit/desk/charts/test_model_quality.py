"""Whether probabilities are true, and how groups fare."""

import pytest

from desk.charts.looks import LIGHT
from desk.charts.model_quality import calibration, fairness
from tests.fixtures.told import model


def test_observed_rates_stand_over_predictions_with_their_intervals_and_the_diagonal() -> None:
    diagonal, observed = calibration(model.calibration, look=LIGHT).figure.data
    assert list(diagonal.x) == list(diagonal.y)
    assert (list(observed.x), list(observed.y)) == ([0.02, 0.2], [0.021, 0.3])
    assert list(observed.error_y.array) == pytest.approx([0.006, 0.05])


def test_both_axes_reach_equally_far_so_that_the_diagonal_is_one() -> None:
    layout = calibration(model.calibration, look=LIGHT).figure.layout
    assert layout.xaxis.range == layout.yaxis.range
    assert layout.xaxis.range[1] > 0.35


def test_the_words_count_where_the_prediction_holds() -> None:
    """0.02 lies within 0.015 to 0.027, 0.2 not within 0.25 to 0.35."""
    said = calibration(model.calibration, look=LIGHT).alternative
    assert "In 1 of 2 groups" in said
    assert "predicted 20.0%, observed 30.0%" in said


def test_groups_stand_by_their_size_with_both_rates() -> None:
    chart = fairness(model.fairness, {"F": "Women", "M": "Men"}.__getitem__, look=LIGHT, impact=0.8)
    approval, default = chart.figure.data
    assert list(approval.x) == [0.75, 0.6]
    assert list(default.x) == [0.07, 0.1]
    assert approval.marker.symbol != default.marker.symbol
    assert chart.alternative.startswith("Women: 75.0% approved")
    assert "over the highest: 80%" in chart.alternative
    assert chart.table[0]["AUC"] is None
