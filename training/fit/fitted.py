"""Fit the one model that is registered: out-of-fold scores first, then the fit on all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from credit.application import FloatArray, IntArray
from credit.errors import TableError
from credit.features import CATALOG
from credit.measures import auc
from training.data.dataset import Dataset
from training.fit.boosting import Booster, raw_scores
from training.fit.calibrate import CalibrationChoice, Cut, choose_calibration, choose_policy
from training.fit.derived import DerivedFit, fit_derived
from training.fit.folds import FoldData, fold_of
from training.fit.matrix import model_matrix
from training.fit.measures import Measures, measures
from training.fit.members import fit_parts
from training.fit.profit import values_of
from training.fit.select import FeatureVerdict
from training.progress import StepProgress, no_progress
from training.settings import TrainingSettings


@dataclass(frozen=True)
class FittedModel:
    """A fitted model with everything its manifest, card and reference sample are made of.

    features: the booster's columns in order; X: float64[n, f], the training rows in that order; raw, probability:
    float64[n], out of fold; fold: int64[n].
    """

    features: tuple[str, ...]
    booster: Booster
    derived: DerivedFit
    X: FloatArray
    y: FloatArray
    raw: FloatArray
    fold: IntArray
    calibration: CalibrationChoice
    cut: Cut
    measures: Measures
    fold_auc: tuple[float, ...]
    verdicts: tuple[FeatureVerdict, ...] = ()
    fold_features: tuple[tuple[str, ...], ...] = ()
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def probability(self) -> FloatArray:
        """Calibrated probabilities of default, float64[n], out of fold."""
        return self.calibration.probability

    def raw_of(self, X: FloatArray) -> FloatArray:
        """Return the log-odds of rows that the model did not see: float64[n, assembled features] -> float64[n]."""
        return raw_scores(self.booster, model_matrix(X, self.derived.of(X), self.features))

    def gathered(self, parts: Sequence[FloatArray]) -> FloatArray:
        """Return the folds' values in the order of the rows: one array for each fold -> float64[n]."""
        values = np.empty(len(self.y))
        for k, part in enumerate(parts):
            values[self.fold == k] = part
        return values

    def fold_data(self, data: Dataset, features: tuple[str, ...], k: int) -> FoldData:
        """Return fold k of the data that this model was fitted on, with these columns."""
        held = self.fold == k
        X = model_matrix(data.X, self.derived, features)
        return FoldData(X[~held], data.y[~held], X[held], data.y[held])


def candidate_features(settings: TrainingSettings, derived: DerivedFit) -> tuple[str, ...]:
    """Return the features that a model may read, in catalog order: protected ones only where the setting says so."""
    own = {feature.name for feature in derived.features}
    return tuple(
        feature.name
        for feature in CATALOG.features
        if (feature.source != "derived" or feature.name in own) and (settings.use_protected or not feature.protected)
    )


def fit_model(
    data: Dataset, settings: TrainingSettings, seed: int, progress: StepProgress = no_progress
) -> FittedModel:
    """Fit on `data`: the same data, settings and seed give the same model on the same machine.

    Raises TableError for classes of fewer rows than folds, and for reject inference without unlabelled rows.
    """
    settings = settings.settled(len(data.y))
    inferred = settings.reject_inference != "none"
    if inferred and not len(data.unlabelled):
        raise TableError("reject inference learns from application_test, which is missing or empty: give it, or none")
    fold = fold_of(data.y, settings.folds, seed)
    derived = (
        fit_derived(data, settings, seed, progress)
        if settings.derived
        else DerivedFit((), (), np.empty((len(data.X), 0)))
    )
    candidates = candidate_features(settings, derived)
    X = model_matrix(data.X, derived, candidates)
    parts = [np.flatnonzero(fold != k) for k in range(settings.folds)] + [np.arange(len(data.y))]
    rejects = model_matrix(data.unlabelled, derived.of(data.unlabelled), candidates) if inferred else None
    fits = fit_parts(X, data.y, candidates, settings, seed, parts, progress, rejects)
    raw = np.empty(len(data.y))
    for k, part in enumerate(fits[:-1]):
        held = fold == k
        raw[held] = raw_scores(part.booster, X[held][:, part.columns])
    final = fits[-1]
    features = tuple(candidates[i] for i in final.columns)
    calibration = choose_calibration(raw, data.y, fold)
    costs = settings.costs
    values = values_of(data.X, settings.economics) if settings.objective == "profit" else None
    cut = choose_policy(calibration.probability, data.y, fold, costs, settings.review_share, values)
    found = measures(data.y, calibration.probability, cut.policy.threshold, costs)
    fold_auc = tuple(auc(raw[fold == k], data.y[fold == k]) for k in range(settings.folds))
    return FittedModel(
        features=features,
        booster=final.booster,
        derived=derived,
        X=X[:, final.columns],
        y=data.y,
        raw=raw,
        fold=fold,
        calibration=calibration,
        cut=cut,
        measures=found,
        fold_auc=fold_auc,
        verdicts=final.verdicts,
        fold_features=tuple(tuple(candidates[i] for i in part.columns) for part in fits[:-1]),
        notes={
            "members": settings.members,
            "draws": settings.draws,
            "candidates": len(candidates),
            "features_by_fold": [len(part.columns) for part in fits[:-1]],
        },
    )
