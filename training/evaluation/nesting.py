"""How much an out-of-fold figure flatters itself: the same folds, with one choice more made without the held rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from credit.application import FloatArray
from credit.measures import auc
from credit.policy import Costs
from training.data.dataset import Dataset
from training.evaluation.policy import Scored, automatic_costs, nested_thresholds
from training.fit.boosting import raw_scores, side_by_side
from training.fit.calibrate import choose_calibration
from training.fit.derived import fit_derived
from training.fit.fitted import FittedModel, candidate_features
from training.fit.folds import FoldData
from training.fit.matrix import model_matrix
from training.fit.measures import best_threshold, cost_at
from training.fit.members import fit_parts, fit_rows, member_seed
from training.progress import StepProgress, no_progress
from training.settings import TrainingSettings


@dataclass(frozen=True)
class NestedScore:
    """All labelled rows by models that did not see them; cost per client; auc_history NaN where nobody has history."""

    name: str
    auc: float
    auc_history: float
    cost: float


def measure_nesting(
    data: Dataset, fitted: FittedModel, settings: TrainingSettings, seed: int, progress: StepProgress = no_progress
) -> list[NestedScore]:
    """Measure from the choices of least care to those of most, each row of the list nesting one choice more.

    data: the rows that `fitted` was fitted on, whose folds are used throughout. The last row, with derived scores
    learned on each fold's training rows alone, is left out where the settings derive none.
    """
    settings = settings.settled(len(data.y))
    costs, known = settings.costs, data.has_history

    def score(name: str, probability: FloatArray, threshold: float | None = None) -> NestedScore:
        both = known.any() and 0 < data.y[known].mean() < 1
        history = auc(probability[known], data.y[known]) if both else float("nan")
        return NestedScore(name, auc(probability, data.y), history, _cost(probability, fitted, costs, threshold))

    progress("nesting: selection on all rows", 0.0)
    once = _probability(_with_features(data, fitted, settings, seed), fitted)
    found = [
        score("nothing but the fit", once, best_threshold(data.y, once, costs)),
        score("and the selection of features (as reported)", fitted.probability, fitted.cut.policy.threshold),
        score("and the threshold", fitted.probability),
    ]
    if settings.derived:
        found.append(
            score("and derived scores", _probability(_with_derived(data, fitted, settings, seed, progress), fitted))
        )
    progress("nesting", 1.0)
    return found


def _with_features(data: Dataset, fitted: FittedModel, settings: TrainingSettings, seed: int) -> FloatArray:
    """Return out-of-fold log-odds by the features that were selected on all rows, float64[n]."""

    def fit(fold: FoldData, k: int) -> FloatArray:
        booster = fit_rows(fold.X_train, fold.y_train, fitted.features, settings, member_seed(seed, k, 1))
        return raw_scores(booster, fold.X_test)

    folds = [fitted.fold_data(data, fitted.features, k) for k in range(settings.folds)]
    parts = side_by_side([partial(fit, fold, k) for k, fold in enumerate(folds)], settings.threads)
    return fitted.gathered(parts)


def _with_derived(
    data: Dataset, fitted: FittedModel, settings: TrainingSettings, seed: int, progress: StepProgress
) -> FloatArray:
    """Return out-of-fold log-odds where derived scores, too, were learned without the fold's rows, float64[n]."""
    parts = []
    for k in range(settings.folds):
        progress("nesting: derived scores", k / settings.folds)
        held = fitted.fold == k
        seen = data.rows(~held)
        derived = fit_derived(seen, settings, seed)
        names = candidate_features(settings, derived)
        X = model_matrix(seen.X, derived, names)
        (fit,) = fit_parts(X, seen.y, names, settings, member_seed(seed, k, 5), [np.arange(len(seen.y))], no_progress)
        own = data.X[held]
        parts.append(raw_scores(fit.booster, model_matrix(own, derived.of(own), names)[:, fit.columns]))
    return fitted.gathered(parts)


def _probability(raw: FloatArray, fitted: FittedModel) -> FloatArray:
    return choose_calibration(raw, fitted.y, fitted.fold).probability


def _cost(probability: FloatArray, fitted: FittedModel, costs: Costs, threshold: float | None) -> float:
    """Return the cost at this threshold, or at those that the rule chooses on the other folds of each row."""
    if threshold is not None:
        return cost_at(fitted.y, probability, threshold, costs)
    scored = Scored(fitted.y, probability, fitted.fold)
    return float(automatic_costs(scored, nested_thresholds(scored, costs), costs).mean())
