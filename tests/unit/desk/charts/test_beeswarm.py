"""The beeswarm has each applicant once in each feature, marked by how high the value is."""

import pytest

from desk.charts.beeswarm import SPREAD, beeswarm, swarm
from desk.charts.looks import DARK, LIGHT
from tests.fixtures.told import influence


def test_every_applicant_is_drawn_once_a_feature_within_its_row() -> None:
    figure = beeswarm(influence, look=LIGHT).figure
    rows = [round(y) for trace in figure.data for y in trace.y]
    assert sorted(rows) == [0] * 6 + [1] * 6 + [2] * 6
    assert all(abs(y - round(y)) <= SPREAD for trace in figure.data for y in trace.y)


def test_thirds_differ_in_symbol_and_colour_and_words_stand_apart() -> None:
    """Low, middle, high, and what is not known or a word: 4 + 4 + 4 of the numbers, 1 unknown and 6 words."""
    low, middle, high, other = beeswarm(influence, look=DARK).figure.data
    assert len({trace.marker.color for trace in (low, middle, high, other)}) == 4
    assert len({low.marker.symbol, high.marker.symbol, other.marker.symbol}) == 3
    assert len(other.x) == 7
    assert (len(low.x), len(middle.x), len(high.x)) == (4, 3, 4)


def test_the_words_say_to_which_side_high_values_push() -> None:
    said = beeswarm(influence, look=LIGHT).alternative
    assert "Meaning of EXT_SOURCE_2: high values lower the risk." in said
    assert "Meaning of AMT_CREDIT: high values raise the risk." in said


def test_points_of_one_contribution_lie_on_both_sides_of_their_row() -> None:
    """The same points always lie the same way, so that a redrawn page does not jump."""
    heights = swarm([0.1] * 5 + [0.9])
    assert heights == swarm([0.1] * 5 + [0.9])
    assert len(set(heights[:5])) == 5
    assert min(heights) < 0 < max(heights)
    assert heights[5] == 0
    assert swarm([]) == []


def test_the_table_has_the_mean_of_each_third() -> None:
    row = beeswarm(influence, look=LIGHT, top=1).table[0]
    assert row["Mean contribution, high values"] == pytest.approx(-0.4)
    assert row["Mean contribution, not known or a word"] == pytest.approx(0.7)
