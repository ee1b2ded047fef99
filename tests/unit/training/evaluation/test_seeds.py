"""Models of several seeds on rows that no choice saw."""

import numpy as np
import pytest

from credit.policy import Costs
from tests.unit.training.quick import QUICK
from training.data.dataset import Dataset
from training.evaluation.seeds import measure_seeds, rows_difficulty
from training.fit.boosting import raw_scores
from training.fit.fitted import FittedModel
from training.fit.matrix import model_matrix


def test_rows_held_apart_are_scored_by_the_final_model(dataset: Dataset, fitted: FittedModel) -> None:
    """Its own rows, given as if held apart, score as the booster scores them; equal seeds have no spread."""
    found = measure_seeds([(1, fitted), (1, fitted)], dataset, Costs(10.0, 1.0))
    assert found.rows == len(dataset.y)
    assert found.with_history == dataset.has_history.sum()
    assert found.spread == found.spread_out_of_fold == 0
    score = found.scores[0]
    assert score.auc > fitted.measures.auc, "it learned from these rows"
    assert score.trees == QUICK.trees
    assert found.auc_interval[0] < score.auc < found.auc_interval[1]
    assert found.cost_interval[0] < score.cost < found.cost_interval[1]
    assert score.lowest_cost <= score.cost
    expected = raw_scores(fitted.booster, model_matrix(dataset.X, fitted.derived, fitted.features))
    assert fitted.raw_of(dataset.X).tobytes() == expected.tobytes()


def test_how_hard_rows_are_is_told_with_its_error() -> None:
    """A score that tells nothing has an area near a half; the error is what samples of that size show."""
    rng = np.random.default_rng(2)
    y = (rng.random(2_000) < 0.1).astype(float)
    areas = [rows_difficulty("rows", rng.normal(size=2_000) + 0.8 * y, y) for _ in range(60)]
    assert np.std([found.auc for found in areas]) == pytest.approx(areas[0].standard_error, rel=0.35)
    score = np.where(y == 1, np.nan, 0.0)
    score[np.flatnonzero(y == 1)[:50]] = 1.0
    assert rows_difficulty("known", score, y).auc == 1.0
