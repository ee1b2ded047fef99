"""Rates by band and along time, with what is known of their precision."""

import pytest

from desk.charts.bands import rates_by_band, rates_over_time
from desk.charts.looks import LIGHT
from tests.fixtures.told import overview, theme


def test_bands_stay_in_order_and_those_too_small_for_a_rate_are_left_out_of_the_picture() -> None:
    """The table has them still, without a rate."""
    chart = rates_by_band(theme.bands, "approval", lambda band: band.band, look=LIGHT)
    assert list(chart.figure.data[0].x) == ["18-25", "25-30", "65+"]
    assert list(chart.figure.data[0].y) == pytest.approx([0.5, 0.7, 0.9])
    assert chart.table[-1]["Band"] == "unknown"
    assert chart.table[-1]["Approval rate (%)"] is None


def test_intervals_are_drawn_as_they_are_told() -> None:
    """18-25: 15 % of defaults, between 10 and 20; 65+: 2 %, from 0."""
    bars = rates_by_band(theme.bands, "default", lambda band: band.band, look=LIGHT).figure.data[0].error_y
    assert list(bars.array) == pytest.approx([0.05, 0.05, 0.05])
    assert list(bars.arrayminus) == pytest.approx([0.05, 0.05, 0.02])


def test_defaults_stand_beside_what_the_model_expected() -> None:
    approval, default = (
        rates_by_band(theme.bands, kind, lambda band: band.band, look=LIGHT).figure for kind in ("approval", "default")
    )
    assert len(approval.data) == 1
    assert list(default.data[1].y) == [0.08, 0.08, 0.08]


def test_without_an_outcome_what_the_model_expected_is_shown() -> None:
    """In a bank whose first loans have not run yet."""
    young = [band.model_copy(update={"default_rate": None}) for band in theme.bands]
    figure = rates_by_band(young, "default", lambda band: band.band, look=LIGHT).figure
    assert list(figure.data[0].x) == []
    assert list(figure.data[1].x) == ["18-25", "25-30", "65+"]
    assert list(figure.data[1].y) == [0.08, 0.08, 0.08]


def test_categories_are_sorted_by_their_rate() -> None:
    chart = rates_by_band(theme.bands, "default", lambda band: band.band, look=LIGHT, ordered=False)
    assert list(chart.figure.data[0].y) == sorted(chart.figure.data[0].y, reverse=True)


def test_the_words_name_the_extremes() -> None:
    said = rates_by_band(theme.bands, "approval", lambda band: band.band, look=LIGHT).alternative
    assert "highest for 65+ (90.0%), lowest for 18-25 (50.0%)" in said
    assert "Too few" in rates_by_band(theme.bands[-1:], "approval", lambda band: band.band, look=LIGHT).alternative


def test_rates_along_time_have_a_ribbon_each() -> None:
    chart = rates_over_time(overview.series, look=LIGHT)
    ribbon, line = chart.figure.data[0], chart.figure.data[1]
    assert list(line.y) == [0.6, 0.7]
    assert list(ribbon.y) == [0.75, 0.75, 0.65, 0.65]
    assert "Approval rate: from 60.0% to 70.0%" in chart.alternative
    assert [row["Applications"] for row in chart.table] == [300, 403]
