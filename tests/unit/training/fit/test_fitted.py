"""The model that is registered."""

import numpy as np

from credit.features import CATALOG
from tests.unit.training.quick import QUICK
from training.data.dataset import Dataset
from training.fit.boosting import raw_scores
from training.fit.derived import DerivedFit
from training.fit.fitted import FittedModel, candidate_features, fit_model

NONE_DERIVED = DerivedFit((), (), np.empty((0, 0)))


def test_the_same_data_settings_and_seed_give_the_same_model(dataset: Dataset) -> None:
    """Every tree and every out-of-fold score, whatever the number of threads; another seed gives another model."""
    settings = QUICK.model_copy(update={"select": False, "trees": 5})
    model = fit_model(dataset, settings, seed=1)
    again = fit_model(dataset, settings.model_copy(update={"threads": 2}), seed=1)
    assert again.booster.dump_model() == model.booster.dump_model()
    assert again.raw.tobytes() == model.raw.tobytes()
    assert again.cut == model.cut
    assert fit_model(dataset, settings, seed=2).raw.tobytes() != model.raw.tobytes()


def test_scores_are_of_models_that_did_not_see_the_row(fitted: FittedModel) -> None:
    """They are not those of the final model, which learned from all rows and flatters itself."""
    assert not np.allclose(fitted.raw, raw_scores(fitted.booster, fitted.X))
    assert len(fitted.fold_features) == QUICK.folds
    assert 0.5 < fitted.measures.auc < 0.9


def test_no_candidate_is_protected_unless_a_setting_says_so() -> None:
    """Gender and family status are measured, not read."""
    assert not any(CATALOG[name].protected for name in candidate_features(QUICK, NONE_DERIVED))
    told = candidate_features(QUICK.model_copy(update={"use_protected": True}), NONE_DERIVED)
    assert any(CATALOG[name].protected for name in told)
    assert not any(CATALOG[name].source == "derived" for name in told), "none was fitted"


def test_a_fold_s_rows_are_split_as_they_were_measured(dataset: Dataset, fitted: FittedModel) -> None:
    """Held rows are the fold's, the others are learned from, and columns are those asked for."""
    fold = fitted.fold_data(dataset, fitted.features[:3], 1)
    held = fitted.fold == 1
    assert fold.X_test.tobytes() == np.ascontiguousarray(fitted.X[held][:, :3]).tobytes()
    assert fold.y_train.tolist() == dataset.y[~held].tolist()
    assert len(fold.X_train) + len(fold.X_test) == len(dataset.y)


def test_profit_moves_the_policy_and_nothing_else(dataset: Dataset) -> None:
    """Trees, scores and calibration are those of the default objective; the settings of profit are not read by cost."""
    settings = QUICK.model_copy(update={"select": False, "trees": 5})
    by_cost = fit_model(dataset, settings.model_copy(update={"loss_given_default": 0.1}), seed=1)
    assert by_cost.cut == fit_model(dataset, settings, seed=1).cut
    by_profit = fit_model(dataset, settings.model_copy(update={"objective": "profit"}), seed=1)
    assert by_profit.booster.model_to_string() == by_cost.booster.model_to_string()
    assert by_profit.probability.tobytes() == by_cost.probability.tobytes()
    assert by_profit.cut.policy.threshold != by_cost.cut.policy.threshold
    assert by_profit.cut.policy.costs == by_cost.cut.policy.costs
