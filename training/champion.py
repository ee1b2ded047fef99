"""Train the one model that is registered: out-of-fold scores first, then the fit on all rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from credit.application import FloatArray, IntArray
from credit.errors import TableError
from credit.features import CATALOG
from training.boosting import fit, raw_scores
from training.calibrate import CalibrationChoice, Cut, choose_calibration, choose_policy
from training.dataset import Dataset
from training.derived import DerivedFit, fit_derived
from training.evaluate import Costs, Measures, measures
from training.progress import Progress, no_progress
from training.settings import TrainingSettings


@dataclass(frozen=True)
class Champion:
    """A trained model with everything its manifest, card and reference sample are made of.

    features: the booster's columns in order; X: float64[n, f], the training rows in that order; raw, probability:
    float64[n], out of fold; fold: int64[n].
    """

    features: tuple[str, ...]
    booster: Any
    derived: DerivedFit
    X: FloatArray
    y: FloatArray
    raw: FloatArray
    fold: IntArray
    calibration: CalibrationChoice
    cut: Cut
    measures: Measures
    fold_auc: tuple[float, ...]
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def probability(self) -> FloatArray:
        return self.calibration.probability


def fold_of(y: FloatArray, folds: int, seed: int) -> IntArray:
    """Return each row's fold, int64[n], stratified; raises TableError where a class has fewer rows than folds."""
    from sklearn.model_selection import StratifiedKFold

    for label, name in ((1.0, "defaults"), (0.0, "repaid loans")):
        if (found := int((y == label).sum())) < folds:
            raise TableError(
                f"{folds} folds need {folds} {name} at least, found {found}: give more rows or fewer folds"
            )
    fold = np.empty(len(y), dtype=np.int64)
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed % 2**32)
    for k, (_, held) in enumerate(splitter.split(y[:, None], y)):
        fold[held] = k
    return fold


def candidate_features(settings: TrainingSettings, derived: DerivedFit) -> tuple[str, ...]:
    """Return the features that a model may read, in catalog order: protected ones only where the setting says so."""
    own = {feature.name for feature in derived.features}
    return tuple(
        feature.name
        for feature in CATALOG.features
        if (feature.source != "derived" or feature.name in own) and (settings.use_protected or not feature.protected)
    )


def train_champion(data: Dataset, settings: TrainingSettings, seed: int, progress: Progress = no_progress) -> Champion:
    """Train on `data`: the same data, settings and seed give the same model on the same machine."""
    fold = fold_of(data.y, settings.folds, seed)
    derived = (
        fit_derived(data.X, data.unlabelled, settings, seed, progress)
        if settings.derived
        else DerivedFit((), (), np.empty((len(data.X), 0)))
    )
    features = candidate_features(settings, derived)
    X = matrix(data.X, derived, features)
    raw = np.empty(len(data.y))
    for k in range(settings.folds):
        progress("fitting folds", k / (settings.folds + 1))
        seen, held = fold != k, fold == k
        booster = fit(X[seen], data.y[seen], features, settings, seed + k + 1)
        raw[held] = raw_scores(booster, X[held], settings.threads)
    progress("fitting on all rows", settings.folds / (settings.folds + 1))
    booster = fit(X, data.y, features, settings, seed)
    calibration = choose_calibration(raw, data.y, fold)
    costs = Costs(settings.false_negative_cost, settings.false_positive_cost)
    cut = choose_policy(calibration.probability, data.y, fold, costs, settings.review_share)
    found = measures(data.y, calibration.probability, cut.policy.threshold, costs)
    from training.evaluate import auc

    fold_auc = tuple(auc(data.y[fold == k], raw[fold == k]) for k in range(settings.folds))
    progress("fitting on all rows", 1.0)
    return Champion(features, booster, derived, X, data.y, raw, fold, calibration, cut, found, fold_auc)


def matrix(X: FloatArray, derived: DerivedFit, features: tuple[str, ...]) -> FloatArray:
    """Pick the columns `features` out of the assembled and the derived features: float64[n, f], C-contiguous."""
    width = len(CATALOG.assembled_names)
    own = {feature.name: width + i for i, feature in enumerate(derived.features)}
    out = np.empty((len(X), len(features)), dtype=np.float64)
    for i, name in enumerate(features):
        at = own.get(name, CATALOG.index[name])
        out[:, i] = X[:, at] if at < width else derived.columns[:, at - width]
    return out
