"""What fairness by age costs: a few models along the way, so that a bank chooses with open eyes."""

from __future__ import annotations

import numpy as np

from credit.application import FloatArray
from credit.schema import COLUMN_INDEX
from training.data.dataset import Dataset
from training.evaluation.fairness import audit_groups
from training.evaluation.variants import Choice, Variant, measure_variant, without_age
from training.fit.fitted import FittedModel
from training.fit.matrix import model_matrix
from training.progress import StepProgress, no_progress
from training.settings import TrainingSettings

_FOLLOWS_AGE = 0.25  # the absolute rank correlation from which on a feature is taken for a stand-in of the age


def measure_frontier(
    data: Dataset, fitted: FittedModel, settings: TrainingSettings, seed: int, progress: StepProgress = no_progress
) -> list[Variant]:
    """Measure the registered kind of model and three that weigh age less, on the same folds and selections.

    Reweighting makes age bands and labels independent among the rows that are learned from (Kamiran and Calders, Data
    Preprocessing Techniques for Classification without Discrimination, 2012); labels of other rows are not read.
    """
    followers = _followers(data, fitted)

    def without_followers(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in without_age(names) if name not in followers)

    def as_it_is(names: tuple[str, ...]) -> tuple[str, ...]:
        return names

    weight = age_weights(data)
    plan: list[tuple[str, Choice, FloatArray | None]] = [
        ("as registered", as_it_is, None),
        ("without age", without_age, None),
        ("without age and what follows it", without_followers, None),
        ("rows reweighted by age band", as_it_is, weight),
        ("without age, rows reweighted", without_age, weight),
    ]
    found = []
    for i, (name, choose, chosen) in enumerate(plan):
        progress(f"fairness by age: {name}", i / len(plan))
        found.append(measure_variant(name, data, fitted, choose, settings, seed, chosen))
    progress("fairness by age", 1.0)
    return found


def age_weights(data: Dataset) -> FloatArray:
    """Return float64[n]: how many rows of its age band and label would be expected over how many there are."""
    weight = np.ones(len(data.y))
    for member in audit_groups(data.values)["age"].values():
        for label in (0.0, 1.0):
            part = member & (data.y == label)
            if part.any():
                weight[part] = member.mean() * (data.y == label).mean() / part.mean()
    return weight


def _followers(data: Dataset, fitted: FittedModel) -> set[str]:
    """Return the features of the folds' models that follow the age by rank, missing values left out."""
    from scipy.stats import spearmanr

    age = data.values[:, COLUMN_INDEX["DAYS_BIRTH"]]
    names = tuple(sorted(set().union(*fitted.fold_features)))
    X = model_matrix(data.X, fitted.derived, names)
    followers = set()
    for name, column in zip(names, X.T, strict=True):
        known = ~np.isnan(column)
        varies = known.any() and np.ptp(column[known]) > 0
        if varies and abs(spearmanr(column[known], age[known]).statistic) >= _FOLLOWS_AGE:
            followers.add(name)
    return followers
