"""The registered kind of model with one thing changed at a time, on the same folds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from credit.application import FloatArray
from credit.features import CATALOG
from credit.features.derived import DERIVED_TARGETS, EARLIER_TARGETS
from credit.measures import auc
from training.data.dataset import Dataset
from training.evaluation.compare import student_half_width
from training.evaluation.fairness import adverse_impact
from training.fit.boosting import raw_scores, side_by_side
from training.fit.fitted import FittedModel
from training.fit.measures import best_threshold, cost_at
from training.fit.members import fit_joined, member_seed
from training.progress import StepProgress
from training.settings import TrainingSettings

Choice = Callable[[tuple[str, ...]], tuple[str, ...]]


@dataclass(frozen=True)
class Variant:
    """The champion's kind of model with one thing changed: mean over folds, half width of its interval."""

    name: str
    features: float
    auc: float
    auc_half_width: float
    auc_history: float
    cost: float
    adverse_impact: dict[str, float]
    seconds: float


def without_age(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the features whose definition does not read the age."""
    return tuple(n for n in names if "DAYS_BIRTH" not in CATALOG[n].definition)


def measure_variants(
    data: Dataset, fitted: FittedModel, settings: TrainingSettings, seed: int, progress: StepProgress
) -> list[Variant]:
    """Fit the champion's kind with one thing changed at a time, on the same folds and each fold's own selection."""
    everything = tuple(v.name for v in fitted.verdicts) or fitted.features
    protected = tuple(f.name for f in CATALOG.features if f.protected)

    def only(*sources: str) -> Choice:
        return lambda names: tuple(n for n in names if CATALOG[n].source in sources)

    def without(*names: str) -> Choice:
        return lambda found: tuple(n for n in found if n not in names)

    free = settings.model_copy(update={"monotone": False})
    alone = settings.model_copy(update={"members": 1})
    plan: list[tuple[str, Choice, TrainingSettings]] = [
        ("as registered", lambda names: names, settings),
        ("all candidates, no selection", lambda _: everything, settings),
        ("without monotone constraints", lambda names: names, free),
        ("one booster instead of several", lambda names: names, alone),
        ("without predicted external scores", without(*DERIVED_TARGETS), settings),
        ("without predicted term and interest", without(*EARLIER_TARGETS), settings),
        ("application alone", only("application", "derived"), settings),
        ("gender and family status read too", lambda names: (*names, *protected), settings),
        ("age left out as well", without_age, settings),
    ]
    found = []
    for i, (name, choose, chosen) in enumerate(plan):
        progress(f"variants: {name}", i / len(plan))
        found.append(measure_variant(name, data, fitted, choose, chosen, seed))
    progress("variants", 1.0)
    return found


def measure_variant(
    name: str,
    data: Dataset,
    fitted: FittedModel,
    choose: Choice,
    settings: TrainingSettings,
    seed: int,
    weight: FloatArray | None = None,
) -> Variant:
    """Measure a model of the features that `choose` makes of each fold's own; weight: float64[n], of the rows."""
    start = time.perf_counter()
    settings = settings.settled(len(data.y))
    folds = len(fitted.fold_features)
    columns = [choose(names) for names in fitted.fold_features]

    def fit(k: int) -> FloatArray:
        fold = fitted.fold_data(data, columns[k], k)
        weights = None if weight is None else weight[fitted.fold != k]
        booster = fit_joined(fold.X_train, fold.y_train, columns[k], settings, member_seed(seed, k), weights)
        return raw_scores(booster, fold.X_test)

    scores = side_by_side([partial(fit, k) for k in range(folds)], settings.threads)
    raw = np.empty(len(data.y))
    for k, part in enumerate(scores):
        raw[fitted.fold == k] = part
    known = data.has_history
    costs = settings.costs
    by_fold, cost = [], []
    approved = np.zeros(len(data.y), dtype=bool)
    for k in range(folds):
        held = fitted.fold == k
        by_fold.append([auc(raw[held], data.y[held])])
        threshold = best_threshold(data.y[~held], raw[~held], costs)
        approved[held] = raw[held] < threshold
        cost.append(cost_at(data.y[held], raw[held], threshold, costs))
    return Variant(
        name,
        float(np.mean([len(names) for names in columns])),
        float(np.mean(by_fold)),
        float(student_half_width(np.array(by_fold))[0]),
        auc(raw[known], data.y[known]) if known.any() else float("nan"),
        float(np.mean(cost)),
        adverse_impact(data.values, approved),
        time.perf_counter() - start,
    )
