"""The gauge shows where a probability lies among the policy's bands."""

from itertools import pairwise

import pytest

from desk.charts.gauge import risk_gauge
from desk.charts.looks import LIGHT

POLICY = {"threshold": 0.085, "refer_from": 0.075, "decline_from": 0.098}


def test_the_bands_cover_the_dial_without_gap_or_overlap() -> None:
    """Approve ends where refer begins, refer where decline begins, and together they are half a circle."""
    figure = risk_gauge(0.05, **POLICY, look=LIGHT).figure
    bands = [trace for trace in figure.data if trace.type == "barpolar"]
    edges = [(band.theta[0] + band.width[0] / 2, band.theta[0] - band.width[0] / 2) for band in bands]
    assert edges[0][0] == 180
    assert edges[-1][1] == 0
    assert all(left[1] == pytest.approx(right[0]) for left, right in pairwise(edges))
    assert len({band.marker.pattern.shape for band in bands}) == 3


@pytest.mark.parametrize(
    ("probability", "band"), [(0.0, 0), (0.0749, 0), (0.075, 1), (0.097, 1), (0.098, 2), (0.6, 2), (1.0, 2)]
)
def test_the_needle_points_into_the_band_that_decides(probability: float, band: int) -> None:
    """As the policy does: a band begins at its lower end."""
    figure = risk_gauge(probability, **POLICY, look=LIGHT).figure
    bands = [trace for trace in figure.data if trace.type == "barpolar"]
    needle = figure.data[-1].theta[0]
    assert abs(needle - bands[band].theta[0]) <= bands[band].width[0] / 2 + 1e-9


@pytest.mark.parametrize(("probability", "word"), [(0.05, "“approve”"), (0.08, "a person"), (0.2, "“decline”")])
def test_the_words_name_risk_band_and_threshold(probability: float, word: str) -> None:
    said = risk_gauge(probability, **POLICY, look=LIGHT).alternative
    assert word in said
    assert f"{probability:.1%}" in said
    assert "8.5%" in said


def test_a_policy_without_a_refer_band_has_two_bands() -> None:
    chart = risk_gauge(0.1, threshold=0.09, refer_from=0.09, decline_from=0.09, look=LIGHT)
    assert sum(trace.type == "barpolar" for trace in chart.figure.data) == 2
    assert "“decline”" in chart.alternative
    assert chart.table[0] == {"What": "risk of default", "From (%)": 10.0, "To (%)": 10.0}
