"""Cells go from the API to a form and back unharmed."""

from __future__ import annotations

import pytest

from desk.application.fields import FIELDS, GROUPS
from desk.application.values import Seen, Stored, label, seen, stored, told
from desk.words import speak


@pytest.mark.parametrize(
    ("column", "cell", "shown"),
    [
        ("AMT_CREDIT", 568800.0, 568800.0),
        ("DAYS_BIRTH", -14610, 40.0),
        ("DAYS_EMPLOYED", 365243, None),
        ("FLAG_EMAIL", 1, "yes"),
        ("FLAG_EMAIL", 0, "no"),
        ("FLAG_OWN_CAR", "N", "no"),
        ("NAME_CONTRACT_TYPE", "Cash loans", "Cash loans"),
        ("CNT_CHILDREN", 2, 2.0),
        ("EXT_SOURCE_2", None, None),
    ],
)
def test_a_cell_is_shown_in_the_unit_of_people(column: str, cell: Stored, shown: Seen) -> None:
    """Days are years, flags are yes or no, Home Credit's 365243 days are nothing."""
    assert seen(FIELDS[column], cell) == shown


@pytest.mark.parametrize(
    ("column", "cell"),
    [("AMT_CREDIT", 5.5), ("DAYS_BIRTH", -14610), ("FLAG_EMAIL", 1), ("FLAG_OWN_CAR", "Y"), ("CNT_CHILDREN", 3)],
)
def test_what_was_shown_is_stored_as_it_was(column: str, cell: Stored) -> None:
    """A cell that nobody touched goes back as it came."""
    assert stored(FIELDS[column], seen(FIELDS[column], cell)) == cell


def test_cells_are_told_in_words() -> None:
    """Each kind has its own words, and what has none is told as it is."""
    speak("en")
    assert told("AMT_CREDIT", 568800.0) == "568,800"
    assert told("DAYS_BIRTH", -14610) == "40 years"
    assert told("NAME_FAMILY_STATUS", "Civil marriage") == "Civil partnership"
    assert told("DAYS_EMPLOYED", 365243) == "none"
    assert told("EXT_SOURCE_2", None) == "–"
    assert told("SOME_RATIO", 0.123456) == "0.1235"
    assert label("SOME_RATIO") == "SOME_RATIO"


def test_every_field_stands_once() -> None:
    """No column is asked for twice, and each has bounds where its kind needs them."""
    columns = [spec.column for group in GROUPS.values() for spec in group]
    assert len(columns) == len(set(columns)) == len(FIELDS)
    assert all(spec.high > spec.low for spec in FIELDS.values() if spec.kind in ("amount", "years", "count", "score"))
    assert all(spec.choices for spec in FIELDS.values() if spec.kind == "choice")
