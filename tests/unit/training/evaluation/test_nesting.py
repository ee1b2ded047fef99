"""Out-of-fold figures with one choice more nested at a time."""

from dataclasses import replace

import numpy as np

from tests.unit.training.quick import QUICK
from training.data.dataset import Dataset
from training.documents.nesting import nesting_blocks
from training.evaluation.nesting import measure_nesting
from training.evaluation.policy import Reviewer, Scored, review_curve
from training.fit.fitted import FittedModel, fit_model


def test_each_row_nests_one_choice_more(dataset: Dataset, fitted: FittedModel) -> None:
    """The reported row is the model's own figure; nested thresholds cost what the review curve starts from."""
    found = measure_nesting(dataset, fitted, QUICK, 1)
    assert len(found) == 3, "nothing is derived under these settings"
    assert found[1].auc == found[2].auc == fitted.measures.auc
    assert found[1].cost == fitted.measures.cost
    assert found[2].cost > 0
    scored = Scored(dataset.y, fitted.probability, fitted.fold)
    (no_band,) = review_curve(scored, QUICK.costs, Reviewer(0.0, 1.0), (0.0,))
    assert found[2].cost == no_band.cost
    assert "AUC changes by" in nesting_blocks(found)[-1]


def test_features_chosen_on_all_rows_flatter_noise(dataset: Dataset) -> None:
    """Labels of pure chance: features chosen with the held rows in sight tell them, those chosen without do not.

    Derived scores learned without the held rows, by models of their own, do not tell them either.
    """
    y = (np.random.default_rng(4).random(len(dataset.y)) < 0.3).astype(np.float64)
    chance = replace(dataset, y=y)
    settings = QUICK.model_copy(update={"most_features": 10, "derived": True})
    model = fit_model(chance, settings, seed=1)
    all_rows, nested, threshold, derived = measure_nesting(chance, model, settings, 1)
    assert all_rows.auc > max(nested.auc, derived.auc) + 0.02
    assert all_rows.auc > 0.53
    assert derived.name == "and derived scores"
    assert derived.auc not in (nested.auc, threshold.auc)
