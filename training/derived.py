"""Predict each external score from the rest of the row, cross-fitted, unlabelled rows included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from credit.application import FloatArray
from credit.features import CATALOG
from credit.features.derived import DERIVED_TARGETS
from credit.manifest import DerivedFeature
from training.progress import Progress, no_progress
from training.settings import TrainingSettings

_FOLDS = 3
_TREES = 300
_FEWEST_ROWS = 100
_PARAMETERS: dict[str, Any] = {
    "objective": "regression",
    "learning_rate": 0.08,
    "num_leaves": 15,
    "lambda_l2": 20.0,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "min_data_in_leaf": 50,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


@dataclass(frozen=True)
class DerivedFit:
    """The derived features of the labelled rows, and the boosters that compute them for others.

    columns: float64[n, k], each value from a booster that did not see the row; boosters: one for each of `features`.
    """

    features: tuple[DerivedFeature, ...]
    boosters: tuple[Any, ...]
    columns: FloatArray


def inputs_of(target: str, settings: TrainingSettings) -> tuple[str, ...]:
    """Return the features a score is predicted from: the application's, but for those that contain that score."""
    others = {f"EXT_SOURCE_{i}" for i in (1, 2, 3)} - {target}
    return tuple(
        feature.name
        for feature in CATALOG.features
        if feature.source == "application"
        and (settings.use_protected or not feature.protected)
        and ("EXT" not in feature.definition or feature.name in others)
    )


def fit_derived(
    X: FloatArray, unlabelled: FloatArray, settings: TrainingSettings, seed: int, progress: Progress = no_progress
) -> DerivedFit:
    """Fit the derived features on labelled and unlabelled rows, float64[., assembled features] each.

    A score that fewer than 100 rows have is left out.
    """
    import lightgbm

    rows = np.concatenate([X, unlabelled]) if len(unlabelled) else X
    features: list[DerivedFeature] = []
    boosters: list[Any] = []
    columns: list[FloatArray] = []
    for done, (name, target) in enumerate(DERIVED_TARGETS.items()):
        score = rows[:, CATALOG.index[target]]
        known = np.flatnonzero(~np.isnan(score))
        if len(known) < _FEWEST_ROWS:
            continue
        names = inputs_of(target, settings)
        inputs = np.ascontiguousarray(rows[:, [CATALOG.index[n] for n in names]])
        rng = np.random.default_rng([seed, 77, done])
        fold = rng.integers(0, _FOLDS, len(rows))
        chosen = _PARAMETERS | {"seed": int(rng.integers(2**31 - 1)), "num_threads": settings.threads}
        column = np.empty(len(X))
        for k in range(_FOLDS):
            progress("deriving external scores", (done + k / (_FOLDS + 1)) / len(DERIVED_TARGETS))
            seen = known[fold[known] != k]
            held = np.flatnonzero(fold[: len(X)] == k)
            booster = lightgbm.train(chosen, lightgbm.Dataset(inputs[seen], score[seen]), _TREES)
            column[held] = booster.predict(inputs[held], num_threads=settings.threads)
        booster = lightgbm.train(
            chosen, lightgbm.Dataset(inputs[known], score[known], feature_name=list(names)), _TREES
        )
        features.append(DerivedFeature(name=name, booster=f"{name.lower()}.txt", inputs=names))
        boosters.append(booster)
        columns.append(column)
    progress("deriving external scores", 1.0)
    return DerivedFit(tuple(features), tuple(boosters), np.column_stack(columns) if columns else np.empty((len(X), 0)))


def apply_derived(features: tuple[DerivedFeature, ...], boosters: tuple[Any, ...], X: FloatArray) -> FloatArray:
    """Return the derived features of new rows: float64[n, assembled features] -> float64[n, k]."""
    columns = [
        booster.predict(np.ascontiguousarray(X[:, [CATALOG.index[name] for name in feature.inputs]]))
        for feature, booster in zip(features, boosters, strict=True)
    ]
    return np.column_stack(columns) if columns else np.empty((len(X), 0))
