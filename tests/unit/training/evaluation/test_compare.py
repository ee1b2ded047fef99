"""Comparison of models and tuning, on rows small enough for a unit test."""

from pathlib import Path

import numpy as np
import pytest

from training.evaluation.compare import FoldData, compare
from training.fit.boosting import Binned
from training.fit.learners import Preparation, balanced
from training.fit.tune import tune
from training.settings import TrainingSettings

QUICK = TrainingSettings(trees=20, learning_rate=0.2, l2=1.0, feature_fraction=0.9, threads=1, monotone=False)


def folds(n: int = 900, k: int = 3) -> list[FoldData]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 4))
    X[rng.random(X.shape) < 0.1] = np.nan
    risk = 1 / (1 + np.exp(2.4 - 1.5 * np.nan_to_num(X[:, 0])))
    y = (rng.random(n) < risk).astype(float)
    fold = np.arange(n) % k
    return [FoldData(X[fold != i], y[fold != i], X[fold == i], y[fold == i]) for i in range(k)]


def test_smote_is_applied_to_training_rows_up_to_half() -> None:
    """Defaults are brought to half the repaid loans, and the rows that were there come first, untouched."""
    fold = folds()[0]
    X = Preparation(fold.X_train)(fold.X_train)
    grown, labels, weight = balanced(X, fold.y_train, "SMOTE", 0)
    assert weight is None
    assert labels.sum() / (1 - labels).sum() == pytest.approx(0.5, abs=0.01)
    assert np.array_equal(grown[: len(X)], X)


def test_class_weights_make_both_classes_weigh_the_same() -> None:
    """Each class carries half of all weight."""
    fold = folds()[0]
    _, y, weight = balanced(fold.X_train, fold.y_train, "class weights", 0)
    assert weight is not None
    assert weight[y == 1].sum() == pytest.approx(weight[y == 0].sum())


def test_every_kind_is_compared_with_every_balance() -> None:
    """The dummy knows nothing, all others something; every figure has its interval."""
    rows = compare(folds(), QUICK, seed=0)
    assert len(rows) == 1 + 5 * 3
    by_model = {(row.model, row.balance): row for row in rows}
    assert by_model["dummy", "nothing"].mean.auc == 0.5
    assert all(row.mean.auc > 0.6 for row in rows if row.model != "dummy")
    assert all(row.half_width.auc > 0 for row in rows if row.model != "dummy")


def test_tuning_starts_from_the_settings_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A study that was broken off is continued, and its best is never worse than the settings given."""
    names = [("AMT_CREDIT", "AMT_ANNUITY", "AMT_INCOME_TOTAL", "DAYS_BIRTH")] * 3
    first = tune(folds(), names, QUICK, 0, trials=1, storage=tmp_path / "study.db")
    assert (first.trials, first.auc) == (1, first.auc_before)
    more = tune(folds(), names, QUICK, 0, trials=3, storage=tmp_path / "study.db")
    assert more.trials == 3
    assert more.auc >= first.auc
    assert more.auc_before == first.auc_before


def test_rows_binned_once_serve_any_leaf_size() -> None:
    """Tuning asks for smaller leaves than the last trial on the same bins, and gets them."""
    fold = folds()[0]
    data = Binned(fold.X_train, fold.y_train, ("AMT_CREDIT", "AMT_ANNUITY", "AMT_INCOME_TOTAL", "DAYS_BIRTH"))
    for leaf_rows in (200, 5):
        booster = data.fit(QUICK.model_copy(update={"leaf_rows": leaf_rows}), 0)
        assert booster.num_trees() > 0
    assert np.array_equal(
        booster.predict(fold.X_test, num_threads=1),
        Binned(fold.X_train, fold.y_train, data.features)
        .fit(QUICK.model_copy(update={"leaf_rows": 5}), 0)
        .predict(fold.X_test, num_threads=1),
    )
