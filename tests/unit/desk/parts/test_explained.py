"""Features are found by their words."""

from desk.client.model import CatalogRecord
from desk.parts.explained import averages_of, found_features, source_word
from tests.fixtures.told_api import CATALOG

TOLD = CatalogRecord.model_validate(CATALOG)
FEATURES = TOLD.features


def test_all_wanted_words_must_stand_somewhere() -> None:
    """In name, meaning or definition, whatever their case."""
    assert [one.name for one in found_features(FEATURES, {}, "ext meaning", "all")] == ["EXT_SOURCE_2"]
    assert found_features(FEATURES, {}, "ext income", "all") == []
    assert len(found_features(FEATURES, {}, "", "all")) == len(FEATURES)


def test_a_label_of_the_form_is_found_too() -> None:
    assert [one.name for one in found_features(FEATURES, {"AMT_CREDIT": "Crédit demandé"}, "demandé", "all")] == [
        "AMT_CREDIT"
    ]


def test_a_source_narrows_the_table() -> None:
    assert found_features(FEATURES, {}, "", "history") == []
    assert source_word("derived") != "derived"
    assert source_word("elsewhere") == "elsewhere"


def test_averages_are_the_catalog_s_and_a_feature_without_one_is_left_out() -> None:
    unknown = TOLD.features[0].model_copy(update={"importance": None})
    told = averages_of(TOLD.model_copy(update={"features": [unknown, *TOLD.features[1:]]}))
    assert {one.feature: one.mean_abs for one in told.features} == {"EXT_SOURCE_2": 0.5, "NAME_EDUCATION_TYPE": 0.1}
    assert told.rows == 6
