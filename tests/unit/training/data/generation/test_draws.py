"""Columns as they are drawn."""

import numpy as np
import pytest

from training.data.generation.draws import TextColumn, blank, choose, draw_texts, grid, repeat_index


def test_texts_come_with_their_weights_and_some_missing() -> None:
    """Three to one, a tenth of none, and never a text of no weight."""
    drawn = draw_texts(np.random.default_rng(0), 100_000, {"a": 3.0, "b": 1.0, "never": 0.0}, missing=0.1)
    assert np.mean(drawn.codes < 0) == pytest.approx(0.1, abs=0.01)
    assert drawn.equals("a").sum() / drawn.equals("b").sum() == pytest.approx(3.0, abs=0.1)
    assert not drawn.equals("never").any()


def test_a_choice_between_texts_needs_the_same_values() -> None:
    """Codes of other values would change their meaning silently."""
    yes, no = TextColumn(np.array([0, 0]), ("a", "b")), TextColumn(np.array([1, -1]), ("a", "b"))
    assert choose(np.array([True, False]), yes, no).codes.tolist() == [0, -1]
    with pytest.raises(ValueError, match="same values"):
        choose(np.array([True, False]), yes, TextColumn(no.codes, ("b", "a")))


def test_owners_are_repeated_and_their_rows_counted() -> None:
    """Each owner as often as said, its rows from 0; one without rows does not occur."""
    owner, place = repeat_index(np.array([2, 0, 3]))
    assert owner.tolist() == [0, 0, 2, 2, 2]
    assert place.tolist() == [0, 1, 0, 1, 2]


def test_amounts_lie_on_a_grid_and_blanks_are_missing() -> None:
    """Whole steps, and NaN where the condition holds."""
    assert grid(np.array([4499.0, 6751.0]), 4500.0).tolist() == [4500.0, 9000.0]
    cells = blank(np.array([1, 2]), np.array([True, False]))
    assert np.isnan(cells[0])
    assert cells[1] == 2.0
