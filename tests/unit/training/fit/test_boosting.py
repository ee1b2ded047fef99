"""Boosters that are the same on every run."""

import numpy as np

from tests.unit.training.fit.small_folds import QUICK, folds
from training.fit.boosting import Binned


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
