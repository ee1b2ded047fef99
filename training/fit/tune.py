"""Tune the champion's kind of model with Optuna: seeded, pruned after each fold, taken up again where it stopped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from credit.measures import auc
from training.fit.boosting import Binned, raw_scores, side_by_side
from training.fit.folds import FoldData
from training.progress import StepProgress, no_progress
from training.settings import TrainingSettings

_TREES_BY_RATE = 27.0  # their product is fixed: slower learning gets more trees, so that trials differ in kind


class TuningTrial(Protocol):
    """What is used of an Optuna trial."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = ...) -> int: ...
    def suggest_float(self, name: str, low: float, high: float, *, log: bool = ...) -> float: ...
    def report(self, value: float, step: int) -> None: ...
    def should_prune(self) -> bool: ...


@dataclass(frozen=True)
class Tuned:
    """The best settings, their mean AUC over the folds, that of the settings given, and how many trials were run."""

    settings: TrainingSettings
    auc: float
    auc_before: float
    trials: int
    pruned: int


def tune(
    folds: list[FoldData],
    features: list[tuple[str, ...]],
    settings: TrainingSettings,
    seed: int,
    *,
    trials: int = 20,
    storage: Path | None = None,
    progress: StepProgress = no_progress,
) -> Tuned:
    """Search leaves, rate, L2, feature fraction and leaf size for the mean AUC over the folds.

    features: each fold's columns by name. storage: an SQLite file where trials are kept; a study that is there is
    continued until it holds `trials`. The settings given are the first trial, so the best is never worse than they are.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    url = f"sqlite:///{storage}" if storage is not None else None
    study = optuna.create_study(
        study_name=f"loanstream-{seed}",
        storage=url,
        load_if_exists=True,
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1),
        sampler=optuna.samplers.TPESampler(seed=seed),
    )
    names = ("leaves", "learning_rate", "l2", "feature_fraction", "leaf_rows")
    if not study.trials:
        study.enqueue_trial({name: getattr(settings, name) for name in names})
    binned = side_by_side(
        [
            lambda fold=fold, columns=columns: Binned(fold.X_train, fold.y_train, columns)  # type: ignore[misc]
            for fold, columns in zip(folds, features, strict=True)
        ],
        settings.threads,
    )

    def objective(trial: TuningTrial) -> float:
        chosen = _suggested(trial, settings)
        found: list[float] = []
        for k, (fold, data) in enumerate(zip(folds, binned, strict=True)):
            found.append(auc(raw_scores(data.fit(chosen, seed + k), fold.X_test), fold.y_test))
            trial.report(float(np.mean(found)), k)
            if trial.should_prune():
                raise optuna.TrialPruned
        return float(np.mean(found))

    def finished(study: Any) -> int:
        return len([t for t in study.trials if t.state.is_finished()])

    while (done := finished(study)) < trials:
        progress("tuning", done / trials)
        study.optimize(objective, n_trials=1)
    progress("tuning", 1.0)
    complete = [t for t in study.trials if t.state == optuna.trial.TrialState.COMPLETE]
    first = next((t.value for t in complete if t.number == 0), float("nan"))
    best = study.best_trial
    return Tuned(
        settings.model_copy(update=_update(best.params)),
        float(best.value or np.nan),
        float(first or np.nan),
        finished(study),
        finished(study) - len(complete),
    )


def _suggested(trial: TuningTrial, settings: TrainingSettings) -> TrainingSettings:
    params = {
        "leaves": trial.suggest_int("leaves", 3, 12),
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.08, log=True),
        "l2": trial.suggest_float("l2", 1.0, 400.0, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.05, 0.6, log=True),
        "leaf_rows": trial.suggest_int("leaf_rows", 10, 200, log=True),
    }
    return settings.model_copy(update=_update(params))


def _update(params: dict[str, Any]) -> dict[str, Any]:
    return {**params, "trees": round(_TREES_BY_RATE / params["learning_rate"])}
