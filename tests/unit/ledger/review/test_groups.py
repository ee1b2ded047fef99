"""The groups by which overturning is watched."""

from __future__ import annotations

import math

import pytest

from credit.features import CATALOG
from ledger.review.groups import groups_of

GENDERS = CATALOG["CODE_GENDER"].codes


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, []),
        ({"CODE_GENDER": 0.0}, [f"gender {GENDERS[0]}"]),
        ({"CODE_GENDER": 99.0}, ["gender other"]),
        ({"CODE_GENDER": math.nan}, []),
        ({"DAYS_BIRTH": -24.9 * 365.25}, ["age under 25"]),
        ({"DAYS_BIRTH": -25.1 * 365.25}, ["age 25 to 34"]),
        ({"DAYS_BIRTH": -80 * 365.25}, ["age 60 and over"]),
    ],
)
def test_groups_are_few_and_say_nothing_that_was_not_read(values: dict[str, float], expected: list[str]) -> None:
    """What the model did not read is in no group."""
    assert groups_of(values) == expected
