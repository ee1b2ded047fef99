"""Values and names as a person reads them."""

import pytest

from desk.client.model import CatalogRecord
from desk.parts.feature_names import names_of, readable, told_values
from tests.fixtures.told_api import CATALOG


def test_a_form_s_label_goes_before_a_description() -> None:
    names = names_of(CatalogRecord.model_validate(CATALOG))
    assert names["AMT_CREDIT"] == "Credit asked for"


@pytest.mark.parametrize(
    ("column", "cell", "unit", "value"),
    [
        ("DAYS_EMPLOYED", -730.5, "days", 2.0),
        ("DAYS_EMPLOYED", 365243, "days", None),
        ("DAYS_OTHER", -365.25, "days", 1.0),
        ("DAYS_OTHER", 365243, "days", None),
        ("FLAG_OTHER", 1, "yes_no", "Yes"),
        ("NAME_FAMILY_STATUS", "Widow", None, "Widowed"),
        ("OTHER_NAME", "Cash loans", None, "Cash loan"),
        ("AMT_CREDIT", 5000.0, "currency", 5000.0),
        ("AMT_CREDIT", None, "currency", None),
    ],
)
def test_cells_are_shown_in_the_forms_units(
    column: str, cell: float | str | None, unit: str | None, value: float | str | None
) -> None:
    """Days that count back are years, a word of Home Credit's is a word."""
    assert readable(column, [cell], unit) == [value]


def test_what_is_not_known_stays_so() -> None:
    assert told_values({"AMT_CREDIT": None, "EXT_SOURCE_2": 0.25}) == {"AMT_CREDIT": None, "EXT_SOURCE_2": "0.25"}
