"""Trees evaluated one by one."""

import lightgbm
import numpy as np

from training.fit.trees import Trees


def test_trees_one_by_one_add_up_to_the_booster() -> None:
    """Evaluating trees by hand gives LightGBM's raw score, missing values included."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2_000, 4))
    y = (rng.random(len(X)) < 1 / (1 + np.exp(2.5 - 1.2 * X[:, 0] - 0.5 * X[:, 1]))).astype(float)
    X[np.random.default_rng(2).random(X.shape) < 0.2] = np.nan
    X[:, 3] = np.nan_to_num(X[:, 3])
    booster = lightgbm.train(
        {"objective": "binary", "verbose": -1, "num_threads": 1, "num_leaves": 8}, lightgbm.Dataset(X, y), 30
    )
    X[:50, 3] = np.nan  # a feature that was never missing in training
    trees = Trees.of(booster)
    by_hand = sum(trees.values(i, X) for i in range(len(trees.roots)))
    np.testing.assert_allclose(by_hand, booster.predict(X, raw_score=True, num_threads=1), atol=1e-12)
