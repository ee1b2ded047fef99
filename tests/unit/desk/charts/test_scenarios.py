"""Scenarios beside each other, against the first."""

from desk.charts.looks import LIGHT
from desk.charts.scenarios import Scenario, scenario_comparison

SCENARIOS = [
    Scenario("On file", 0.137, "decline"),
    Scenario("Less", 0.09, "refer"),
    Scenario("Longer", 0.05, "approve"),
]


def test_scenarios_keep_their_order_and_outcomes_their_patterns() -> None:
    figure = scenario_comparison(SCENARIOS, refer_from=0.075, decline_from=0.098, look=LIGHT).figure
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert {row: x for bar in bars for row, x in zip(bar.y, bar.x, strict=True)} == {0: 0.137, 1: 0.09, 2: 0.05}
    assert list(figure.layout.yaxis.ticktext) == ["On file", "Less", "Longer"]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert len({bar.marker.pattern.shape for bar in bars}) == 3


def test_changes_are_told_in_points_against_the_first() -> None:
    chart = scenario_comparison(SCENARIOS, refer_from=0.075, decline_from=0.098, look=LIGHT)
    assert [row["Change (points)"] for row in chart.table] == [0.0, -4.7, -8.7]
    assert "Less: 9.0%, Referred (−4.7 points)." in chart.alternative
