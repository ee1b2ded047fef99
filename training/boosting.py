"""LightGBM as the champion uses it: many small, strongly regularised trees, the same on every run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from credit.application import FloatArray
from credit.features import CATALOG
from training.settings import TrainingSettings

_SEED_LIMIT = 2**31 - 1


def parameters(settings: TrainingSettings, features: Sequence[str], seed: int) -> dict[str, Any]:
    """Return LightGBM's parameters; rows and threads do not change the result (deterministic, row-wise)."""
    chosen: dict[str, Any] = {
        "objective": "binary",
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "lambda_l2": settings.l2,
        "feature_fraction": settings.feature_fraction,
        "bagging_fraction": settings.bagging_fraction,
        "bagging_freq": 1,
        "min_data_in_leaf": settings.leaf_rows,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": settings.threads,
        "seed": seed % _SEED_LIMIT,
        "verbose": -1,
    }
    directions = [CATALOG[name].monotone for name in features]
    if settings.monotone and any(directions):
        chosen["monotone_constraints"] = directions
    return chosen


def fit(X: FloatArray, y: FloatArray, features: Sequence[str], settings: TrainingSettings, seed: int) -> Any:
    """Fit a booster on float64[n, f] and labels float64[n]; categories are read as numbers, in the schema's order."""
    import lightgbm

    data = lightgbm.Dataset(X, y, feature_name=list(features), params={"verbose": -1})
    return lightgbm.train(parameters(settings, features, seed), data, settings.trees)


def raw_scores(booster: Any, X: FloatArray, threads: int = 0) -> FloatArray:
    """Return the log-odds of default, float64[n]."""
    return np.asarray(booster.predict(X, raw_score=True, num_threads=threads), dtype=np.float64)
