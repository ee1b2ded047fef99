"""A model version in memory: what its derived features are read by."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from credit.errors import ModelRefused
from serve_app.model import DerivedModel


def booster(objective: str) -> tuple[lightgbm.Booster, np.ndarray]:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(2000, 5))
    X[rng.random(X.shape) < 0.1] = np.nan
    y = (np.nan_to_num(X[:, 0]) + rng.normal(size=2000) > 0).astype(float)
    parameters = {"objective": objective, "num_leaves": 9, "verbose": -1, "num_threads": 1, "deterministic": True}
    return lightgbm.train(parameters, lightgbm.Dataset(X, y), num_boost_round=40), X


def test_a_derived_feature_is_what_lightgbm_predicts() -> None:
    """The kernels' sum of the trees is the small booster's prediction, one row at a time and many at once."""
    small, X = booster("regression")
    derived = DerivedModel.of(small, np.arange(5), "EXT")
    predicted = small.predict(X, num_threads=1)
    assert np.allclose(derived.trees.raw_scores(X), predicted, rtol=0, atol=1e-12)
    singly = [derived.trees.raw_scores(X[i : i + 1])[0] for i in range(50)]
    assert np.array_equal(singly, derived.trees.raw_scores(X)[:50])


def test_a_derived_feature_that_is_no_plain_sum_is_refused() -> None:
    """A booster with a link function would be read wrongly: it is refused when the model is loaded, by name."""
    with pytest.raises(ModelRefused, match="EXT"):
        DerivedModel.of(booster("binary")[0], np.arange(5), "EXT")
