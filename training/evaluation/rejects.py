"""Reject inference against none: the same folds and selections, and labelled rows alone are scored."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.measures import auc, brier
from training.data.dataset import Dataset
from training.evaluation.compare import student_half_width
from training.fit.boosting import raw_scores, side_by_side
from training.fit.fitted import FittedModel
from training.fit.matrix import model_matrix
from training.fit.measures import best_threshold, cost_at
from training.fit.members import fit_rows, member_seed
from training.progress import StepProgress, no_progress
from training.settings import TrainingSettings

METHODS = ("none", "fuzzy", "parcelling")


@dataclass(frozen=True)
class RejectsMeasured:
    """One way on held labelled rows: means over folds; Brier score and mean probability before any calibration.

    auc_change: AUC less that of none on the same fold, mean and half the 95 % t interval.
    """

    method: str
    auc: float
    auc_change: float
    auc_change_half_width: float
    brier: float
    cost: float
    probability: float
    probability_unlabelled: float


def measure_rejects(
    data: Dataset, fitted: FittedModel, settings: TrainingSettings, seed: int, progress: StepProgress = no_progress
) -> list[RejectsMeasured]:
    """Fit each fold by each way on the fold's own selection; empty without unlabelled rows.

    Thresholds of a fold are those of least cost on the other folds' scores.
    """
    if not len(data.unlabelled):
        return []
    settings = settings.settled(len(data.y))
    derived = fitted.derived.of(data.unlabelled)
    found: list[RejectsMeasured] = []
    base = np.empty(0)
    for i, method in enumerate(METHODS):
        progress(f"reject inference: {method}", i / len(METHODS))
        chosen = settings.model_copy(update={"reject_inference": method})

        def fit(k: int, chosen: TrainingSettings) -> tuple[FloatArray, float]:
            names = fitted.fold_features[k]
            fold = fitted.fold_data(data, names, k)
            unknown = model_matrix(data.unlabelled, derived, names)
            booster = fit_rows(fold.X_train, fold.y_train, names, chosen, member_seed(seed, k), unknown)
            return _probability(raw_scores(booster, fold.X_test)), float(
                _probability(raw_scores(booster, unknown)).mean()
            )

        folds = range(len(fitted.fold_features))
        parts = side_by_side([partial(fit, k, chosen) for k in folds], settings.threads)
        p = fitted.gathered([held for held, _ in parts])
        by_fold = np.array([auc(p[fitted.fold == k], data.y[fitted.fold == k]) for k in folds])
        base = by_fold if method == "none" else base
        change = by_fold - base
        found.append(
            RejectsMeasured(
                method,
                float(by_fold.mean()),
                float(change.mean()),
                float(student_half_width(change[:, None])[0]),
                brier(p, data.y),
                float(np.mean([_held_cost(p, data.y, fitted.fold == k, settings) for k in folds])),
                float(p.mean()),
                float(np.mean([unlabelled for _, unlabelled in parts])),
            )
        )
    progress("reject inference", 1.0)
    return found


def _probability(raw: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-raw)))


def _held_cost(p: FloatArray, y: FloatArray, held: npt.NDArray[np.bool_], settings: TrainingSettings) -> float:
    threshold = best_threshold(y[~held], p[~held], settings.costs)
    return cost_at(y[held], p[held], threshold, settings.costs)
