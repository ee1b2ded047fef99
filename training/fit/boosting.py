"""LightGBM as the champion uses it: many small, strongly regularised trees, the same on every run.

Each fit takes one thread, and several fits run side by side: trees this small spend more time in waiting for each
other's threads than in work, and many times more on a machine that is shared.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import numpy as np

from credit.application import FloatArray, IntArray
from credit.features import CATALOG
from training.settings import TrainingSettings

_SEED_LIMIT = 2**31 - 1
T = TypeVar("T")

# What every booster here has in common: results depend on rows, parameters and seed alone.
REPEATABLE: dict[str, Any] = {"deterministic": True, "force_col_wise": True, "num_threads": 1, "verbose": -1}


class Booster(Protocol):
    """What is used of a LightGBM booster; rows are float64[n, f] in the order of the features it was trained on."""

    def predict(self, data: Any, *, raw_score: bool = ..., pred_contrib: bool = ..., num_threads: int = ...) -> Any:
        """Return float64[n]: probabilities, or log-odds; or float64[n, f + 1], contributions and the expected value."""

    def feature_importance(self, importance_type: str) -> Any:
        """Return float64[f], for the type gain."""

    def dump_model(self) -> dict[str, Any]:
        """Return the trees as LightGBM's own documentation describes them."""

    def save_model(self, filename: str) -> object:
        """Write the model's text."""

    def model_to_string(self) -> str:
        """Return the model's text."""

    def num_trees(self) -> int: ...

    def num_feature(self) -> int: ...


def parameters(settings: TrainingSettings, features: Sequence[str], seed: int) -> dict[str, Any]:
    """Return LightGBM's parameters for the champion's kind of model."""
    chosen: dict[str, Any] = {
        **REPEATABLE,
        "objective": "binary",
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "lambda_l2": settings.l2,
        "feature_fraction": settings.feature_fraction,
        "bagging_fraction": settings.bagging_fraction,
        "bagging_freq": 1,
        "min_data_in_leaf": settings.leaf_rows,
        "seed": seed % _SEED_LIMIT,
    }
    directions = [CATALOG[name].monotone for name in features] if settings.monotone else []
    if any(directions):
        chosen["monotone_constraints"] = directions
    return chosen


class Binned:
    """Rows binned once, for fits on any part of them.

    X: float64[n, f] in the order of `features`; y: float64[n]. Categories are read as numbers, in the schema's order.
    The bins are drawn on all rows; labels play no part in them.
    """

    def __init__(self, X: FloatArray, y: FloatArray, features: Sequence[str], weight: FloatArray | None = None) -> None:
        import lightgbm

        self.features = tuple(features)
        # Columns must not be dropped for one leaf size: the same bins serve fits with others (tuning).
        binning = {**REPEATABLE, "feature_pre_filter": False}
        self._data = lightgbm.Dataset(X, y, weight=weight, feature_name=list(features), params=binning)
        self._data.construct()

    def fit(self, settings: TrainingSettings, seed: int, rows: IntArray | None = None, **overrides: Any) -> Booster:
        """Fit a booster on the rows at `rows`, all where None; `overrides` replaces parameters, `trees` the rounds."""
        import lightgbm

        data = self._data if rows is None else self._data.subset(rows.tolist())
        trees = int(overrides.pop("trees", settings.trees))
        booster: Booster = lightgbm.train(parameters(settings, self.features, seed) | overrides, data, trees)
        return booster


def side_by_side(
    jobs: Sequence[Callable[[], T]], workers: int, done: Callable[[int], None] = lambda _: None
) -> list[T]:
    """Run the jobs on `workers` threads (0: one for each core) and return their results in order."""
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        futures = [pool.submit(job) for job in jobs]
        results = []
        for i, future in enumerate(futures):
            results.append(future.result())
            done(i + 1)
        return results


def raw_scores(booster: Booster, X: FloatArray) -> FloatArray:
    """Return the log-odds of default, float64[n]."""
    return np.asarray(booster.predict(X, raw_score=True, num_threads=1), dtype=np.float64)
