"""Compare kinds of model on the same stratified folds, as one MLflow parent run with a nested run each."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from functools import partial

import numpy as np

from credit.application import FloatArray
from credit.policy import Costs
from training.fit.boosting import side_by_side
from training.fit.folds import FoldData
from training.fit.learners import Balance, LearnerKind, Preparation, balanced, kinds
from training.fit.measures import Measures, best_threshold, measures
from training.progress import StepProgress, no_progress
from training.registry.registry import Registry
from training.settings import TrainingSettings

BALANCES: tuple[Balance, ...] = ("nothing", "class weights", "SMOTE")


@dataclass(frozen=True)
class Compared:
    """One row of the table: means over the folds, half widths of their 95 % intervals, and seconds of a fold's fit."""

    model: str
    balance: Balance
    mean: Measures
    half_width: Measures
    seconds: float


def compare(
    folds: list[FoldData],
    settings: TrainingSettings,
    seed: int,
    *,
    registry: Registry | None = None,
    progress: StepProgress = no_progress,
) -> list[Compared]:
    """Compare all kinds with each way of balancing; the dummy once.

    Each fold's threshold is the one of least cost on the other folds' scores, so that no row chooses its own. Intervals
    are Student's t over the folds: they tell of the folds' spread, and overlap where the models share hard rows.
    """
    rows: list[Compared] = []
    plan = [
        (kind, balance) for kind in kinds(settings) for balance in (BALANCES if kind.name != "dummy" else BALANCES[:1])
    ]
    parent = registry.start_run("compare", tags={"loanstream.kind": "compare"}) if registry else None
    prepared = side_by_side([partial(_prepare, fold, seed) for fold in folds], settings.threads)
    costs = settings.costs
    for i, (kind, balance) in enumerate(plan):
        progress(f"comparing: {kind.name}, {balance}", i / len(plan))
        jobs = [
            partial(_fit_fold, kind, balance, fold, ready, seed + k)
            for k, (fold, ready) in enumerate(zip(folds, prepared, strict=True))
        ]
        results = side_by_side(jobs, settings.threads)
        rows.append(_row(kind.name, balance, folds, results, costs))
        if registry and parent:
            _log(registry, parent, rows[-1])
    if registry and parent:
        registry.end_run(parent)
    progress("comparing", 1.0)
    return rows


@dataclass(frozen=True)
class _Prepared:
    """A fold's filled and scaled rows, and those rows with SMOTE."""

    train: FloatArray
    test: FloatArray
    grown: FloatArray
    grown_y: FloatArray


def _prepare(fold: FoldData, seed: int) -> _Prepared:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column that is missing on all rows of a fold
        filling = Preparation(fold.X_train)
    train = filling(fold.X_train)
    grown, labels, _ = balanced(train, fold.y_train, "SMOTE", seed)
    return _Prepared(train, filling(fold.X_test), grown, labels)


def _fit_fold(
    kind: LearnerKind, balance: Balance, fold: FoldData, ready: _Prepared, seed: int
) -> tuple[FloatArray, float]:
    """Return the fold's probabilities and the seconds of the fit."""
    start = time.perf_counter()
    learner = kind.make(seed)
    filled = kind.dense or balance == "SMOTE"  # SMOTE cannot interpolate a missing value
    if balance == "SMOTE":
        learner.fit(ready.grown, ready.grown_y, None)
    else:
        X, y, weight = balanced(ready.train if filled else fold.X_train, fold.y_train, balance, seed)
        learner.fit(X, y, weight)
    seconds = time.perf_counter() - start
    return learner.probability(ready.test if filled else fold.X_test), seconds


def _row(
    model: str, balance: Balance, folds: list[FoldData], results: list[tuple[FloatArray, float]], costs: Costs
) -> Compared:
    found: list[Measures] = []
    for k, (fold, (p, _)) in enumerate(zip(folds, results, strict=True)):
        others = [i for i in range(len(folds)) if i != k]
        threshold = best_threshold(
            np.concatenate([folds[i].y_test for i in others]), np.concatenate([results[i][0] for i in others]), costs
        )
        found.append(measures(fold.y_test, p, threshold, costs))
    table = np.array([list(m.as_dict().values()) for m in found])
    half = student_half_width(table)
    return Compared(
        model,
        balance,
        Measures(*(float(v) for v in table.mean(axis=0))),
        Measures(*(float(v) for v in half)),
        float(np.mean([seconds for _, seconds in results])),
    )


def student_half_width(table: FloatArray) -> FloatArray:
    """Return half the width of the 95 % t interval of each column's mean: float64[folds, m] -> float64[m]."""
    from scipy.stats import t

    n = len(table)
    return np.asarray(t.ppf(0.975, n - 1) * table.std(axis=0, ddof=1) / np.sqrt(n))


def _log(registry: Registry, parent: str, row: Compared) -> None:
    run = registry.start_run(f"{row.model}, {row.balance}", parent=parent)
    metrics = row.mean.as_dict() | {f"{k}_half_width": v for k, v in row.half_width.as_dict().items()}
    registry.log(run, {"model": row.model, "balance": row.balance}, metrics | {"seconds": row.seconds})
    registry.end_run(run)
