"""Applicants of the sample, and those nearest to one."""

from __future__ import annotations

import numpy as np
import pytest

from credit.errors import UnknownFeature
from credit.features import CATALOG
from serve_app.insight.applicants import sampled, similar
from serve_app.insight.model_view import ModelView
from serve_app.insight.questions import SampleQuestion, SimilarQuestion
from tests.fixtures.loans import loans

NOTHING = np.full(len(CATALOG.history_names), np.nan, dtype=np.float32)
BY = ("AMT_CREDIT", "AMT_INCOME_TOTAL", "NAME_CONTRACT_TYPE", "AMT_GOODS_PRICE")


def test_a_smaller_sample_is_the_beginning_of_a_larger(view: ModelView) -> None:
    """So that a page that asks for more does not jump; lists are of one order."""
    few = sampled(view, SampleQuestion(("AMT_CREDIT", "NAME_CONTRACT_TYPE"), 20))
    many = sampled(view, SampleQuestion(("NAME_CONTRACT_TYPE", "AMT_CREDIT"), 200))
    assert many["columns"]["AMT_CREDIT"][:20] == few["columns"]["AMT_CREDIT"]
    assert set(many["columns"]["NAME_CONTRACT_TYPE"]) == {"Cash loans", "Revolving loans"}
    policy = view.model.manifest.policy
    for probability, outcome in zip(many["probability"], many["outcome"], strict=True):
        assert (outcome == "approve") == (probability < policy.refer_from)
        assert (outcome == "decline") == (probability >= policy.decline_from)
    assert set(many["defaulted"]) == {True, False}


def test_one_of_the_sample_is_nearest_to_itself(view: ModelView) -> None:
    """Sent as the application it is: its own row comes first at no distance, and distances rise."""
    batch = loans(700, seed=11)
    place = 17
    answer = similar(view, SimilarQuestion(BY, ("EXT_SOURCE_2",), 50, values=batch.values[place], history=NOTHING))
    assert answer["distance"][0] == pytest.approx(0.0, abs=1e-6)
    assert answer["distance"] == sorted(answer["distance"])
    assert len(answer["distance"]) == 50
    assert answer["columns"]["EXT_SOURCE_2"][0] == pytest.approx(answer["client"]["EXT_SOURCE_2"])
    assert answer["probability"][0] == pytest.approx(view.sample.probability[place])
    assert set(answer["client"]) == {*BY, "EXT_SOURCE_2"}


def test_nearness_is_judged_by_what_was_asked_for(view: ModelView) -> None:
    """By the kind of contract alone, all of the same kind are equally near and come before the others."""
    given = {"NAME_CONTRACT_TYPE": 1.0}
    answer = similar(view, SimilarQuestion(("NAME_CONTRACT_TYPE",), (), 700, given=given))
    words = answer["columns"]["NAME_CONTRACT_TYPE"]
    revolving = words.count("Revolving loans")
    assert 0 < revolving < 700
    assert set(words[:revolving]) == {"Revolving loans"}
    assert set(answer["distance"][:revolving]) == {0.0}
    assert set(answer["distance"][revolving:]) == {1.0}
    assert answer["percentiles"] == {"NAME_CONTRACT_TYPE": None}


def test_what_is_missing_is_near_to_what_is_missing(view: ModelView) -> None:
    """An applicant without a price of goods is compared with others without one first, and has no percentile in it."""
    answer = similar(view, SimilarQuestion(("AMT_GOODS_PRICE",), (), 20, given={"AMT_GOODS_PRICE": np.nan}))
    assert answer["columns"]["AMT_GOODS_PRICE"] == [None] * 20
    assert answer["client"] == {"AMT_GOODS_PRICE": None}
    assert answer["percentiles"]["AMT_GOODS_PRICE"] is None


def test_a_percentile_is_the_share_below(view: ModelView) -> None:
    """The median stands at a half, ties counted half."""
    ages = np.sort(view.sample.column("DAYS_BIRTH"))
    answer = similar(view, SimilarQuestion(("DAYS_BIRTH",), (), 1, given={"DAYS_BIRTH": float(ages[350])}))
    assert answer["percentiles"]["DAYS_BIRTH"] == pytest.approx(0.5, abs=0.005)


def test_a_feature_of_nobody_is_told(view: ModelView) -> None:
    """Among those given as among those asked for."""
    with pytest.raises(UnknownFeature, match="SHOE_SIZE"):
        similar(view, SimilarQuestion(("DAYS_BIRTH",), (), 1, given={"SHOE_SIZE": 43.0}))
    with pytest.raises(UnknownFeature, match="SHOE_SIZE"):
        sampled(view, SampleQuestion(("SHOE_SIZE",), 1))
