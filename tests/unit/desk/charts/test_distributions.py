"""Spreads of groups beside each other, with the client in them."""

import pytest

from desk.charts.distributions import distribution
from desk.charts.looks import DARK, LIGHT

NUMBERS = {"all": [1.0, 2.0, 3.0, 4.0, None], "similar": [3.0, 4.0], "approve": [1.0, 2.0], "decline": [4.0]}
WORDS = {"all": ["a", "a", "b", None], "approve": ["a"]}


def test_each_group_s_shares_add_up_to_all_of_it() -> None:
    figure = distribution("Income", NUMBERS, 3.0, look=LIGHT).figure
    assert [trace.name for trace in figure.data] == ["All", "Similar clients", "Approved", "Declined"]
    assert all(sum(trace.y) == pytest.approx(1) for trace in figure.data)


def test_groups_differ_by_dash_and_symbol_too() -> None:
    figure = distribution("Income", NUMBERS, 3.0, look=DARK).figure
    assert len({(trace.line.dash, trace.marker.symbol) for trace in figure.data[1:]}) == 3


def test_the_client_s_line_stands_at_its_value_even_beyond_all() -> None:
    """The axis widens to the client: an extreme one must not fall off the picture."""
    for client in (3.0, 40.0):
        figure = distribution("Income", NUMBERS, client, look=LIGHT).figure
        assert [shape.x0 for shape in figure.layout.shapes] == [client]
        assert max(figure.data[0].x) < client + 40


def test_the_words_say_how_many_lie_below() -> None:
    """2 of the 4 known values are below 3."""
    assert "above 50% of 4 applicants" in distribution("Income", NUMBERS, 3.0, look=LIGHT).alternative
    assert "not known of this client" in distribution("Income", NUMBERS, None, look=LIGHT).alternative


def test_words_are_bars_by_group_with_the_client_s_own_marked() -> None:
    chart = distribution("Education", WORDS, "b", look=LIGHT)
    every = chart.figure.data[0]
    assert list(every.x) == ["a", "b", "not known"]
    assert list(every.y) == [0.5, 0.25, 0.25]
    assert [text.startswith("<b>◆") for text in chart.figure.layout.xaxis.ticktext] == [False, True, False]
    assert "All: 25% have the same." in chart.alternative or "All: 25.0% have the same." in chart.alternative
    assert chart.table[1] == {"Value": "b", "All (%)": 25.0, "Approved (%)": 0.0}


def test_what_nobody_knows_is_said_and_drawn_empty() -> None:
    chart = distribution("Income", {"all": [None, None]}, None, look=LIGHT)
    assert len(chart.figure.data) == 0
    assert "not known of anybody" in chart.alternative
