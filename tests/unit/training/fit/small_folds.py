"""Folds small enough for a unit test."""

from __future__ import annotations

import numpy as np

from training.fit.folds import FoldData
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
