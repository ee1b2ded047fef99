"""The client among others, in charts of several values."""

from desk.charts.comparing import box_by_segment, percentile_strip, two_features
from desk.charts.looks import LIGHT
from tests.fixtures.told import nearest, sample

NAMES = {"AMT_CREDIT": "Credit", "AMT_INCOME_TOTAL": "Income"}


def test_points_are_grouped_by_outcome_and_the_client_lies_on_top() -> None:
    """Six applicants, one without a credit: five points, and the client as a diamond drawn last."""
    chart = two_features(sample, "AMT_CREDIT", "AMT_INCOME_TOTAL", nearest.client, NAMES, look=LIGHT)
    assert [len(trace.x) for trace in chart.figure.data] == [2, 2, 1, 1]
    assert len({trace.marker.symbol for trace in chart.figure.data[:3]}) == 3
    client = chart.figure.data[-1]
    assert (client.x[0], client.y[0]) == (350.0, 35.0)
    assert "5 applicants by Credit and Income: 2 approved, 2 referred, 1 declined" in chart.alternative
    assert len(chart.table) == 6


def test_a_client_without_the_value_is_not_drawn() -> None:
    chart = two_features(sample, "AMT_CREDIT", "AMT_INCOME_TOTAL", {"AMT_CREDIT": None}, NAMES, look=LIGHT)
    assert len(chart.figure.data) == 3
    assert "not known" in chart.alternative


def test_segments_stand_by_their_middle_and_the_client_s_own_is_marked() -> None:
    chart = box_by_segment(
        "Credit",
        sample.columns["AMT_CREDIT"],
        sample.columns["NAME_EDUCATION_TYPE"],
        (350.0, "Higher education"),
        look=LIGHT,
    )
    assert list(chart.figure.layout.yaxis.tickvals) == [
        "not known",
        "Secondary / secondary special",
        "Higher education",
    ]
    own = [text for text in chart.figure.layout.yaxis.ticktext if "◆" in text]
    assert own == ["<b>◆ Higher education</b>"]
    assert [row["Middle"] for row in chart.table] == [500.0, 300.0, 200.0]
    assert (chart.figure.data[-1].x[0], chart.figure.data[-1].y[0]) == (350.0, "Higher education")


def test_the_strip_has_a_line_a_known_value_with_the_client_on_it() -> None:
    """A category has no percentile and no line."""
    chart = percentile_strip(nearest.percentiles, nearest.client, NAMES, look=LIGHT)
    assert list(chart.figure.data[0].x) == [0.6, 0.5]
    assert list(chart.figure.layout.yaxis.ticktext) == ["Credit: 350", "Income: 35"]
    assert "Credit: 350: 60%" in chart.alternative
    assert chart.table[0] == {"Value": "Credit", "This client": 350.0, "Applicants below (%)": 60.0}
