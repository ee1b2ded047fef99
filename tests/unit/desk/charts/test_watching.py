"""Drift and completeness."""

import pytest

from desk.charts.looks import LIGHT
from desk.charts.watching import completeness, drift
from tests.fixtures.told import health


def test_features_stand_by_their_drift_in_three_kinds_of_bars() -> None:
    """0.31 has drifted, 0.12 is watched, 0.05 is stable; one that is not known is left out."""
    assert health.drift is not None
    chart = drift(health.drift.features, {"EXT_SOURCE_2": "External score 2"}, look=LIGHT)
    stable, watched, drifted = chart.figure.data
    assert (list(drifted.y), list(watched.y), list(stable.y)) == ([0], [1], [2])
    assert list(chart.figure.layout.yaxis.ticktext) == ["External score 2", "DAYS_BIRTH", "AMT_CREDIT"]
    assert "Drifted beyond 0.25: External score 2." in chart.alternative
    assert len({bar.marker.pattern.shape for bar in chart.figure.data}) == 3


def test_without_drift_that_is_said() -> None:
    assert health.drift is not None
    assert "No feature has drifted" in drift(health.drift.features[:1], {}, look=LIGHT).alternative


def test_answered_unanswered_and_twice_fill_the_bar() -> None:
    """990 answered, 2 of them twice, 10 not yet: 988 + 10 + 2 of 1,000."""
    assert health.completeness is not None
    chart = completeness(health.completeness, look=LIGHT)
    assert [bar.x[0] for bar in chart.figure.data] == pytest.approx([0.988, 0.01, 0.002])
    assert [row["Count"] for row in chart.table] == [988, 10, 2]
    assert "99.00% are answered" in chart.alternative
