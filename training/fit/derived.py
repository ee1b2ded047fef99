"""Predict what an application does not tell: a missing external score, the term and the interest of its credit.

External scores are learned from the rest of the row, cross-fitted, unlabelled rows included; term and interest from
earlier cash loans, of which both are known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from credit.application import FloatArray, IntArray
from credit.features import CATALOG
from credit.features.derived import DERIVED_TARGETS, EARLIER_INPUTS, EARLIER_TARGETS
from credit.manifest import DerivedFeature
from training.data.dataset import Dataset
from training.fit.boosting import REPEATABLE, Booster, side_by_side
from training.progress import StepProgress, no_progress
from training.settings import TrainingSettings

_FOLDS = 3
_TREES = 300
_FEWEST_ROWS = 100
_PARAMETERS: dict[str, Any] = {
    **REPEATABLE,
    "objective": "regression",
    "learning_rate": 0.08,
    "num_leaves": 15,
    "lambda_l2": 20.0,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "min_data_in_leaf": 50,
}
# Prices stand close together: many bins and leaves tell one price list's terms from the next. A third of the trees at
# twice the rate tell them as well (correlation with held out interest 0.974 and 0.976), read in a sixth of the time.
_EARLIER_TREES = 100
_FINE_BINS = {"max_bin": 2047, "min_data_in_bin": 1}
_EARLIER_PARAMETERS: dict[str, Any] = {
    **REPEATABLE,
    **_FINE_BINS,
    "objective": "regression",
    "learning_rate": 0.2,
    "num_leaves": 31,
    "min_data_in_leaf": 10,
}

_TargetFit = tuple[DerivedFeature, Booster, FloatArray]


@dataclass(frozen=True)
class DerivedFit:
    """The derived features of the labelled rows, and the boosters that compute them for others.

    columns: float64[n, k], each value from a booster that did not see the row; boosters: one for each of `features`.
    """

    features: tuple[DerivedFeature, ...]
    boosters: tuple[Booster, ...]
    columns: FloatArray

    def of(self, X: FloatArray) -> DerivedFit:
        """Return the fit with the columns of other rows, float64[n, assembled features], as a scorer computes them."""
        columns = np.empty((len(X), len(self.features)))
        for i, (feature, booster) in enumerate(zip(self.features, self.boosters, strict=True)):
            inputs = np.ascontiguousarray(X[:, [CATALOG.index[name] for name in feature.inputs]])
            columns[:, i] = booster.predict(inputs, num_threads=1)
        return replace(self, columns=columns)


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
    data: Dataset, settings: TrainingSettings, seed: int, progress: StepProgress = no_progress
) -> DerivedFit:
    """Fit the derived features of the data's rows.

    A score that fewer than 100 rows have is left out, and so are term and interest where there are fewer than 100
    earlier cash loans.
    """
    X = data.X
    rows = np.concatenate([X, data.unlabelled]) if len(data.unlabelled) else X
    fits: list[_TargetFit] = []
    for done, (name, target) in enumerate(DERIVED_TARGETS.items()):
        score = rows[:, CATALOG.index[target]]
        if np.sum(~np.isnan(score)) < _FEWEST_ROWS:
            continue
        names = inputs_of(target, settings)
        inputs = np.ascontiguousarray(rows[:, [CATALOG.index[n] for n in names]])
        booster, column = _fit_target(inputs, score, names, len(X), [seed, 77, done], settings.threads)
        fits.append((_feature(name, names), booster, column))
        progress("deriving external scores", (done + 1) / len(DERIVED_TARGETS))
    fits += _fit_earlier(data, settings)
    columns = [column for _, _, column in fits]
    return DerivedFit(
        tuple(feature for feature, _, _ in fits),
        tuple(booster for _, booster, _ in fits),
        np.column_stack(columns) if columns else np.empty((len(X), 0)),
    )


def _feature(name: str, inputs: tuple[str, ...]) -> DerivedFeature:
    return DerivedFeature(name=name, booster=f"{name.lower()}.txt", inputs=inputs)


def _fit_earlier(data: Dataset, settings: TrainingSettings) -> list[_TargetFit]:
    """Return the boosters of term and interest, with what they say of the labelled rows; no row of theirs is seen."""
    if len(data.earlier.inputs) < _FEWEST_ROWS:
        return []
    inputs = np.ascontiguousarray(data.X[:, [CATALOG.index[n] for n in EARLIER_INPUTS]])

    def fit(place: int) -> Booster:
        import lightgbm

        rows = lightgbm.Dataset(
            data.earlier.inputs,
            data.earlier.targets[:, place],
            feature_name=list(EARLIER_INPUTS),
            params=REPEATABLE | _FINE_BINS,
        )
        booster: Booster = lightgbm.train(_EARLIER_PARAMETERS, rows, _EARLIER_TREES)
        return booster

    boosters = side_by_side([partial(fit, place) for place in range(len(EARLIER_TARGETS))], settings.threads)
    return [
        (_feature(name, EARLIER_INPUTS), booster, np.asarray(booster.predict(inputs, num_threads=1)))
        for name, booster in zip(EARLIER_TARGETS, boosters, strict=True)
    ]


def _fit_target(
    inputs: FloatArray, score: FloatArray, names: tuple[str, ...], labelled: int, seed: list[int], threads: int
) -> tuple[Booster, FloatArray]:
    """Return the booster of all known rows, and each labelled row's prediction by one that did not see it."""
    import lightgbm

    rng = np.random.default_rng(seed)
    fold = rng.integers(0, _FOLDS, len(score))
    chosen = _PARAMETERS | {"seed": int(rng.integers(2**31 - 1))}
    data = lightgbm.Dataset(inputs, np.nan_to_num(score), feature_name=list(names), params=dict(REPEATABLE))
    data.construct()
    known = ~np.isnan(score)
    subsets = [known & (fold != k) for k in range(_FOLDS)] + [known]
    jobs = [partial(_train, chosen, data, np.flatnonzero(subset)) for subset in subsets]
    boosters = side_by_side(jobs, threads)
    column = np.empty(labelled)
    for k, booster in enumerate(boosters[:-1]):
        held = fold[:labelled] == k
        column[held] = booster.predict(inputs[:labelled][held], num_threads=1)
    return boosters[-1], column


def _train(chosen: dict[str, Any], data: Any, rows: IntArray) -> Booster:
    import lightgbm

    booster: Booster = lightgbm.train(chosen, data.subset(rows.tolist()), _TREES)
    return booster
