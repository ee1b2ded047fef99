"""Columns, features and subjects as a form needs them."""

from __future__ import annotations

from pathlib import Path

from credit.features import CATALOG
from credit.schema import APPLICATION_COLUMNS
from serve_app.insight.catalog import catalog
from serve_app.insight.model_view import ModelView
from serve_app.models.loaded_model import LoadedModel
from tests.fixtures.loans import FEATURES, lending_model


def test_a_column_says_what_a_form_may_offer(view: ModelView) -> None:
    """Kind, unit, categories, what was seen and what an applicant can do about it."""
    told = catalog(view)
    columns = {column["name"]: column for column in told["columns"]}
    assert [column["name"] for column in told["columns"]] == [column.name for column in APPLICATION_COLUMNS]
    credit = columns["AMT_CREDIT"]
    assert (credit["kind"], credit["unit"], credit["required"]) == ("number", "currency", True)
    assert credit["minimum"] <= credit["low"] < credit["typical"] < credit["high"] <= credit["maximum"]
    assert credit["actionable"]["highest"] == 1
    contract = columns["NAME_CONTRACT_TYPE"]
    assert (contract["kind"], contract["categories"]) == ("category", ["Cash loans", "Revolving loans"])
    assert (contract["typical"], contract["minimum"], contract["actionable"]) == ("Cash loans", None, None)
    # 365243 days stand for nobody's employment: a slider must not reach there.
    assert columns["DAYS_EMPLOYED"]["maximum"] < 0
    assert columns["CODE_GENDER"]["protected"] is True
    assert columns["CODE_GENDER"]["typical"] is None


def test_features_come_by_importance_and_subjects_with_their_words(view: ModelView) -> None:
    """All that the model reads, and no other."""
    told = catalog(view)
    weights = [feature["importance"] for feature in told["features"]]
    assert weights == sorted(weights, reverse=True)
    assert {feature["name"] for feature in told["features"]} == set(FEATURES)
    assert {reason["code"] for reason in told["reasons"]} == set(CATALOG.subjects)


def test_a_model_without_a_sample_has_a_catalog_all_the_same(tmp_path: Path) -> None:
    """Only what was seen is missing."""
    folder = lending_model(tmp_path)
    told = catalog(ModelView(LoadedModel.load(folder, "1")))
    assert told["rows"] == 0
    assert [feature["name"] for feature in told["features"]] == list(FEATURES)
    assert {feature["importance"] for feature in told["features"]} == {None}
    assert {column["typical"] for column in told["columns"]} == {None}
