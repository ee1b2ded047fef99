"""A client among others."""

from desk.client.model import CatalogRecord
from desk.parts.compared import Comparison, comparable, neighbours_in_words
from tests.fixtures.told import nearest, sample
from tests.fixtures.told_api import CATALOG


def test_protected_columns_are_never_compared() -> None:
    found = comparable(CatalogRecord.model_validate(CATALOG))
    assert list(found) == ["AMT_CREDIT", "AMT_INCOME_TOTAL", "NAME_EDUCATION_TYPE"]


def test_groups_are_all_similar_approved_and_declined() -> None:
    told = Comparison(sample, nearest, nearest.client, {}, {})
    assert told.groups("AMT_INCOME_TOTAL") == {
        "all": [10.0, 20.0, 30.0, 40.0, 50.0, 60.0],
        "similar": [30.0, 40.0],
        "approve": [10.0, 20.0, 60.0],
        "decline": [50.0],
    }
    assert told.is_number("AMT_CREDIT")
    assert not told.is_number("NAME_EDUCATION_TYPE")


def test_the_words_say_how_the_nearest_fare() -> None:
    """Of two, one would be approved and one defaulted; without outcomes nothing is said of defaults."""
    assert "2 applicants most like this one, 50% would be approved. 50.0% of them defaulted." in neighbours_in_words(
        nearest
    )
    assert "defaulted" not in neighbours_in_words(nearest.model_copy(update={"defaulted": None}))
    assert "Nobody" in neighbours_in_words(nearest.model_copy(update={"outcome": []}))


def test_days_that_count_back_turn_the_place_round() -> None:
    """Sixty of a hundred have more negative days: they have been there longer."""
    told = Comparison(
        sample,
        nearest.model_copy(update={"percentiles": {"DAYS_EMPLOYED": 0.6, "DAYS_BIRTH": 0.2, "AMT_CREDIT": 0.6}}),
        {"DAYS_EMPLOYED": 5.0, "DAYS_BIRTH": None, "AMT_CREDIT": 350.0},
        {},
        {"DAYS_EMPLOYED": "days", "DAYS_BIRTH": "days", "AMT_CREDIT": "currency"},
    )
    assert told.places == {"DAYS_EMPLOYED": 0.4, "DAYS_BIRTH": None, "AMT_CREDIT": 0.6}
