"""Importance and dependence."""

from __future__ import annotations

import numpy as np
import pytest

from serve_app.insight.contributions import dependence, importance
from serve_app.insight.model_view import ModelView
from serve_app.insight.questions import DependenceQuestion, ImportanceQuestion
from tests.fixtures.told_model import ROWS


def test_the_strongest_come_first_with_the_same_applicants_for_each(view: ModelView) -> None:
    """A beeswarm of one colours the others: point i is the same applicant in every feature."""
    answer = importance(view, ImportanceQuestion(4, 50))
    strengths = [feature["mean_abs"] for feature in answer["features"]]
    assert strengths == sorted(strengths, reverse=True)
    assert len(strengths) == 4
    assert answer["total_mean_abs"] == pytest.approx(view.mean_absolute.sum())
    assert answer["rows"] == ROWS
    rows = view.sample.shuffled[:50]
    for feature in answer["features"]:
        values = [point["value"] for point in feature["points"]]
        np.testing.assert_array_equal(values, view.sample.column(feature["feature"])[rows])


def test_contributions_and_base_add_up_to_the_score(view: ModelView) -> None:
    """Over all features, one applicant's points and the base value give that applicant's raw score."""
    answer = importance(view, ImportanceQuestion(100, 3))
    rows = view.sample.shuffled[:3]
    for i, row in enumerate(rows.tolist()):
        total = answer["base_value"] + sum(feature["points"][i]["contribution"] for feature in answer["features"])
        assert 1 / (1 + np.exp(-total)) == pytest.approx(view.sample.probability[row], abs=1e-5)


def test_a_better_external_score_speaks_against_default(view: ModelView) -> None:
    """The made-up defaults fall with it, so the points of its dependence do."""
    answer = dependence(view, DependenceQuestion("EXT_SOURCE_2", 400))
    points = answer["points"]
    assert len(points) == 400
    values = np.array([point["value"] for point in points])
    pushes = np.array([point["contribution"] for point in points])
    assert pushes[values < 0.4].mean() > 0 > pushes[values > 0.7].mean()
    assert {point["word"] for point in points} == {None}
