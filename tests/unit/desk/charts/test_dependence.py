"""How a contribution follows its value, with what is not known beside it."""

import pytest

from desk.charts.dependence import dependence, middles
from desk.charts.looks import LIGHT
from desk.client.model import FeatureDependence, InfluencePoint


def _told(points: list[tuple[float | None, float]], words: list[str] | None = None) -> FeatureDependence:
    made = [
        InfluencePoint(value=v, contribution=c, word=None if not words or v is None else words[int(v)])
        for v, c in points
    ]
    return FeatureDependence(feature="X", description="The X", categories=words or [], points=made)


def test_the_line_goes_through_the_middle_of_equal_stretches() -> None:
    """24 applicants in 12 stretches of two, values ascending."""
    points = [InfluencePoint(value=float(place), contribution=float(place % 2)) for place in range(24)]
    found = middles(points)
    assert [count for _at, _middle, count in found] == [2] * 12
    assert [at for at, _middle, _count in found] == [0.5 + 2 * place for place in range(12)]
    assert {middle for _at, middle, _count in found} == {0.5}


def test_equal_values_make_one_stretch() -> None:
    assert middles([InfluencePoint(value=1.0, contribution=0.1)] * 30) == [(1.0, pytest.approx(0.1), 30)]
    assert middles([]) == []


def test_the_client_and_what_is_not_known_are_marked_and_said() -> None:
    told = _told([(0.0, -0.5), (1.0, 0.0), (2.0, 0.5), (None, 0.25)])
    chart = dependence(told, look=LIGHT, client=(2.0, 0.5))
    client = chart.figure.data[-1]
    assert (client.x[0], client.y[0], client.marker.symbol) == (2.0, 0.5, "diamond")
    assert "raised most around 2 (+0.50) and lowered most around 0 (−0.50)" in chart.alternative
    assert "not known (1 applicants): +0.25" in chart.alternative
    assert any(shape.y0 == 0.25 for shape in chart.figure.layout.shapes)


def test_words_are_boxes_from_riskiest_to_safest() -> None:
    told = _told([(0.0, -0.2), (0.0, -0.1), (1.0, 0.4), (1.0, 0.6)], ["safe", "risky"])
    chart = dependence(told, look=LIGHT, client=("safe", -0.1))
    assert list(chart.figure.layout.yaxis.tickvals) == ["risky", "safe"]
    assert [row["Applicants"] for row in chart.table] == [2, 2]
    assert chart.figure.data[-1].y[0] == "safe"
    assert chart.alternative.index("risky") < chart.alternative.index("safe")


def test_what_nobody_knows_is_said() -> None:
    assert "not known of anybody" in dependence(_told([(None, 0.1)]), look=LIGHT).alternative
