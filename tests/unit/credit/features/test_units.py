"""Kinds and units of columns."""

from __future__ import annotations

import pytest

from credit.features.units import kind_of, unit_of
from credit.schema import APPLICATION_COLUMNS, COLUMN_INDEX


@pytest.mark.parametrize(
    ("name", "kind", "unit"),
    [
        ("AMT_CREDIT", "number", "currency"),
        ("AMT_REQ_CREDIT_BUREAU_YEAR", "integer", "count"),
        ("DAYS_BIRTH", "integer", "days"),
        ("OWN_CAR_AGE", "integer", "years"),
        ("FLAG_DOCUMENT_3", "integer", "yes_no"),
        ("FLAG_OWN_CAR", "category", None),
        ("LIVE_CITY_NOT_WORK_CITY", "integer", "yes_no"),
        ("LIVINGAREA_AVG", "number", None),
        ("EXT_SOURCE_1", "number", None),
        ("REGION_RATING_CLIENT", "integer", "grade"),
        ("REGION_POPULATION_RELATIVE", "number", None),
        ("CODE_GENDER", "category", None),
    ],
)
def test_a_column_s_kind_and_unit(name: str, kind: str, unit: str | None) -> None:
    """As the published table fills them."""
    column = APPLICATION_COLUMNS[COLUMN_INDEX[name]]
    assert (kind_of(column), unit_of(column)) == (kind, unit)


def test_half_of_the_numbers_are_whole() -> None:
    """53 columns of the published table hold whole numbers only, 51 others fractions; the rest are categories."""
    kinds = [kind_of(column) for column in APPLICATION_COLUMNS]
    assert (kinds.count("integer"), kinds.count("number"), kinds.count("category")) == (53, 51, 16)
