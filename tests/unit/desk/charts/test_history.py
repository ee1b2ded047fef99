"""A client's decisions along time."""

from desk.charts.history import DecisionPoint, decisions_over_time
from desk.charts.looks import LIGHT

DECISIONS = [
    DecisionPoint(2_000, 0.05, "approve"),
    DecisionPoint(1_000, 0.2, "decline", "approve"),
    DecisionPoint(3_000, 0.06, "approve"),
]


def test_decisions_lie_in_time_s_order_whatever_their_list_s() -> None:
    chart = decisions_over_time(DECISIONS, refer_from=0.075, decline_from=0.098, look=LIGHT)
    assert list(chart.figure.data[0].y) == [0.2, 0.05, 0.06]
    assert list(chart.figure.data[0].x) == sorted(chart.figure.data[0].x)
    assert [row["After review"] for row in chart.table] == ["Approved", None, None]


def test_outcomes_have_their_own_symbol_and_those_without_a_decision_are_left_out() -> None:
    chart = decisions_over_time(DECISIONS, refer_from=0.075, decline_from=0.098, look=LIGHT)
    assert [(trace.name, trace.marker.symbol, len(trace.x)) for trace in chart.figure.data[1:]] == [
        ("✓ Approved", "circle", 2),
        ("✕ Declined", "x", 1),
    ]


def test_the_refer_band_lies_behind_and_within_the_picture() -> None:
    """With decisions of little risk only, the band is still seen."""
    figure = decisions_over_time(DECISIONS[:1], refer_from=0.075, decline_from=0.098, look=LIGHT).figure
    assert (figure.layout.shapes[0].y0, figure.layout.shapes[0].y1) == (0.075, 0.098)
    assert figure.layout.yaxis.range[1] > 0.098
