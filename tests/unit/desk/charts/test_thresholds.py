"""What another threshold would cost."""

import pytest

from desk.charts.looks import LIGHT
from desk.charts.thresholds import nearest_point, threshold_explorer
from tests.fixtures.told import thresholds


def test_chosen_today_s_and_the_cheapest_threshold_stand_as_lines() -> None:
    figure = threshold_explorer(thresholds, 0.05, look=LIGHT).figure
    assert [shape.x0 for shape in figure.layout.shapes] == [0.05, 0.085, 0.1]
    assert len({shape.line.dash for shape in figure.layout.shapes}) == 3


def test_today_s_threshold_is_marked_once() -> None:
    assert len(threshold_explorer(thresholds, 0.085, look=LIGHT).figure.layout.shapes) == 2


def test_defaults_are_shares_of_all_of_them() -> None:
    """80 would default: 30 of them approved below 0.1 are 37.5 %."""
    cost, approval, defaults = threshold_explorer(thresholds, 0.1, look=LIGHT).figure.data
    assert list(cost.y)[2] == 420
    assert list(approval.y)[2] == 0.8
    assert list(defaults.y)[2] == pytest.approx(0.375)
    assert len({cost.line.dash, approval.line.dash, defaults.line.dash}) == 3


def test_the_words_compare_the_three() -> None:
    said = threshold_explorer(thresholds, 0.05, look=LIGHT).alternative
    assert "At 5.0%, chosen: cost 500, 60.0% approved, 15 defaults among them, 350 repayers declined." in said
    assert "At 10.0%, the cheapest: cost 420" in said
    assert nearest_point(thresholds, 0.2).threshold == 0.1
