"""How deciding goes along time."""

import pytest

from desk.charts.looks import LIGHT
from desk.charts.stream import latency_over_time, outcomes_over_time, score_distribution, throughput_over_time
from desk.client.operations import ScoresRecord, SeriesRecord
from tests.fixtures.told import NOW_MS, model, scores, series

EMPTY = SeriesRecord.model_validate({"from": NOW_MS - 60_000, "to": NOW_MS, "step_s": 60, "buckets": [], "totals": []})


def test_each_door_has_its_median_and_its_95th_percentile() -> None:
    chart = latency_over_time(series, look=LIGHT)
    assert [list(trace.y) for trace in chart.figure.data] == [[12], [36], [80, 100], [240, 300]]
    assert [trace.line.dash for trace in chart.figure.data[:2]] == ["solid", "dash"]
    assert chart.figure.data[0].marker.symbol != chart.figure.data[2].marker.symbol
    assert "kafka: half of the decisions within 90 ms, 95 % within 270 ms" in chart.alternative


def test_throughput_is_decisions_over_the_bucket_s_length() -> None:
    """60 in a minute are one a second."""
    http, kafka = throughput_over_time(series, look=LIGHT).figure.data
    assert list(http.y) == pytest.approx([10 / 60])
    assert list(kafka.y) == pytest.approx([1.0, 0.5])
    assert http.marker.pattern.shape != kafka.marker.pattern.shape


def test_outcomes_of_all_doors_add_up_to_all_in_each_bucket() -> None:
    chart = outcomes_over_time(series, look=LIGHT)
    for place in range(2):
        assert sum(trace.y[place] for trace in chart.figure.data) == pytest.approx(1)
    assert list(chart.figure.data[1].customdata) == [2, 1]


def test_scores_are_stacked_by_outcome_up_to_the_last_bin_that_has_any() -> None:
    chart = score_distribution(scores, model.policy, look=LIGHT)
    assert [sum(trace.y) for trace in chart.figure.data] == [91, 3, 6]
    assert len(chart.figure.data[0].x) == 14
    assert [shape.x0 for shape in chart.figure.layout.shapes] == [0.075, 0.098]
    assert "100 decisions; most lie between 2% and 4%" in chart.alternative


def test_where_nothing_was_decided_that_is_said() -> None:
    for chart in (latency_over_time, throughput_over_time, outcomes_over_time):
        assert "Nothing was decided" in chart(EMPTY, look=LIGHT).alternative
    none = ScoresRecord(count=0, bins=scores.bins[20:])
    assert "Nothing was decided" in score_distribution(none, None, look=LIGHT).alternative
