"""`make train-report`: measure everything that docs/training.md claims, on the tables at hand, and write its tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from credit.application import FloatArray
from credit.features import CATALOG
from credit.measures import auc
from training.data.dataset import Dataset, load_dataset
from training.documents.document import Table, markdown_table
from training.evaluation.compare import Compared, FoldData, compare, student_half_width
from training.evaluation.fairness import Fairness, measure_fairness
from training.fit.boosting import Binned, raw_scores, side_by_side
from training.fit.fitted import Champion, train_champion
from training.fit.matrix import pick
from training.fit.measures import best_threshold, cost_at
from training.fit.tune import Tuned, tune
from training.progress import Progress, no_progress
from training.registry.registry import Registry
from training.settings import TrainingSettings

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
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
    seconds: float


def run(
    data: Path,
    out: Path,
    *,
    settings: TrainingSettings | None = None,
    seed: int = 0,
    tracking_uri: str | None = None,
    trials: int = 15,
    study: Path | None = None,
    progress: Progress = no_progress,
) -> Path:
    """Measure on the tables in `data` and write the tables between the two marks of the Markdown file `out`.

    A file without marks, or none, is given them at its end. tracking_uri: logs the comparison as a parent run with
    nested ones; study: an SQLite file from which an interrupted tuning goes on. Nothing is written before all
    is measured.
    """
    settings = settings or TrainingSettings()
    start = time.perf_counter()
    dataset = load_dataset(data, settings, progress)
    champion = train_champion(dataset, settings, seed, progress)
    trained = time.perf_counter() - start
    features = list(champion.fold_features)
    folds = [_fold(dataset, champion, names, k) for k, names in enumerate(features)]
    registry = Registry(tracking_uri) if tracking_uri else None
    compared = compare(folds, settings, seed, registry=registry, progress=progress)
    variants = _variants(dataset, champion, settings, seed, progress)
    tuned = tune(folds, features, settings, seed, trials=trials, storage=study, progress=progress)
    fairness = measure_fairness(dataset.values, dataset.y, champion.probability, champion.cut.policy)
    text = _text(dataset, champion, compared, variants, tuned, fairness, trained, time.perf_counter() - start)
    _put(out, text)
    return out


def _fold(data: Dataset, champion: Champion, names: tuple[str, ...], k: int) -> FoldData:
    held = champion.fold == k
    X = pick(data.X, champion.derived, names)
    return FoldData(X[~held], data.y[~held], X[held], data.y[held])


def _variants(
    data: Dataset, champion: Champion, settings: TrainingSettings, seed: int, progress: Progress
) -> list[Variant]:
    """Fit the champion's kind with one thing changed at a time, on the same folds and each fold's own selection."""
    everything = tuple(v.name for v in champion.verdicts) or champion.features
    protected = tuple(f.name for f in CATALOG.features if f.protected)

    def only(*sources: str) -> Choice:
        return lambda names: tuple(n for n in names if CATALOG[n].source in sources)

    def without_age(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(n for n in names if "DAYS_BIRTH" not in CATALOG[n].definition)

    free = settings.model_copy(update={"monotone": False})
    plan: list[tuple[str, Choice, TrainingSettings]] = [
        ("as registered", lambda names: names, settings),
        ("all candidates, no selection", lambda _: everything, settings),
        ("without monotone constraints", lambda names: names, free),
        ("without predicted external scores", only("application", "combined", "history"), settings),
        ("application alone", only("application", "derived"), settings),
        ("gender and family status read too", lambda names: (*names, *protected), settings),
        ("age left out as well", without_age, settings),
    ]
    found = []
    for i, (name, choose, chosen) in enumerate(plan):
        progress(f"variants: {name}", i / len(plan))
        found.append(_variant(name, data, champion, choose, chosen, seed))
    progress("variants", 1.0)
    return found


def _variant(
    name: str, data: Dataset, champion: Champion, choose: Choice, settings: TrainingSettings, seed: int
) -> Variant:
    start = time.perf_counter()
    folds = len(champion.fold_features)
    columns = [choose(names) for names in champion.fold_features]

    def fit(k: int) -> FloatArray:
        fold = _fold(data, champion, columns[k], k)
        booster = Binned(fold.X_train, fold.y_train, columns[k]).fit(settings, seed + k)
        return raw_scores(booster, fold.X_test)

    scores = side_by_side([partial(fit, k) for k in range(folds)], settings.threads)
    raw = np.empty(len(data.y))
    for k, part in enumerate(scores):
        raw[champion.fold == k] = part
    known = data.has_history
    costs = settings.costs
    by_fold, cost = [], []
    for k in range(folds):
        held = champion.fold == k
        by_fold.append([auc(raw[held], data.y[held])])
        cost.append(cost_at(data.y[held], raw[held], best_threshold(data.y[~held], raw[~held], costs), costs))
    return Variant(
        name,
        float(np.mean([len(names) for names in columns])),
        float(np.mean(by_fold)),
        float(student_half_width(np.array(by_fold))[0]),
        auc(raw[known], data.y[known]) if known.any() else float("nan"),
        float(np.mean(cost)),
        time.perf_counter() - start,
    )


def _text(
    data: Dataset,
    champion: Champion,
    compared: Sequence[Compared],
    variants: Sequence[Variant],
    tuned: Tuned,
    fairness: Fairness,
    trained_s: float,
    total_s: float,
) -> str:
    policy, found = champion.cut.policy, champion.measures
    known = data.has_history.mean()
    best = max((c for c in compared if c.balance == "nothing"), key=lambda c: c.mean.auc)
    blocks = [
        f"Measured on {len(data.y):,} labelled applications ({data.y.mean():.2%} defaults, {known:.1%} with history) "
        f"and {len(data.unlabelled):,} unlabelled ones, in {total_s / 60:.1f} minutes, of which training the champion "
        f"took {trained_s / 60:.1f}. All figures are out of fold, with features chosen on each fold's training rows; "
        "± is half the 95 % t interval over the folds.",
        "### The champion",
        markdown_table(
            Table(
                ["AUC", "Gini", "KS", "average precision", "Brier", "calibration error", "cost"],
                [list(found.as_dict().values())],
            )
        ),
        f"{len(champion.features)} features of {champion.notes.get('candidates')} candidates; calibration "
        f"{champion.calibration.calibration.method} (Brier "
        + ", ".join(f"{k} {v:.5f}" for k, v in champion.calibration.brier.items())
        + f"); threshold {policy.threshold:.4f}, spread over folds {champion.cut.spread:.4f}; referred from "
        f"{policy.refer_from:.4f} to {policy.decline_from:.4f}.",
        "### Kinds of model",
        markdown_table(_compared_table(compared)),
        f"Best without balancing: {best.model}. {smote_verdict(compared)}",
        "### One thing changed at a time",
        markdown_table(
            Table(
                ["variant", "features", "AUC", "±", "AUC with history", "cost", "seconds"],
                [[v.name, v.features, v.auc, v.auc_half_width, v.auc_history, v.cost, v.seconds] for v in variants],
            )
        ),
        "### Tuning",
        f"{tuned.trials} trials, {tuned.pruned} of them pruned: mean AUC {tuned.auc:.4f}, {tuned.auc_before:.4f} for "
        "the settings in use. The best were "
        + ", ".join(
            f"{k} {getattr(tuned.settings, k):g}"
            for k in ("leaves", "learning_rate", "trees", "l2", "feature_fraction", "leaf_rows")
        )
        + ". The best of several trials on the same folds flatters itself; settings are changed only for a gain beyond "
        "the interval.",
        "### Fairness",
        markdown_table(Table(["attribute", "adverse impact ratio"], list(fairness.adverse_impact.items()))),
        markdown_table(
            Table(
                ["group", "rows", "default rate", "approval rate", "AUC", "repayers declined", "defaulters approved"],
                [
                    [
                        f"{g.attribute}: {g.group}",
                        g.rows,
                        g.default_rate,
                        g.approval_rate,
                        g.auc,
                        g.false_declines,
                        g.false_approvals,
                    ]
                    for g in fairness.groups
                ],
            )
        ),
    ]
    return "\n\n".join(blocks)


def smote_verdict(compared: Sequence[Compared]) -> str:
    """Say for which kinds SMOTE helps beyond the interval of the fit with nothing, and what it does to calibration."""
    plain = {c.model: c for c in compared if c.balance == "nothing"}
    smote = [c for c in compared if c.balance == "SMOTE"]
    cheaper = [c.model for c in smote if c.mean.cost < plain[c.model].mean.cost - plain[c.model].half_width.cost]
    sharper = [c.model for c in smote if c.mean.auc > plain[c.model].mean.auc + plain[c.model].half_width.auc]
    off = [c.model for c in smote if c.mean.calibration_error > plain[c.model].mean.calibration_error]
    return (
        f"SMOTE lowers the cost beyond the interval for {', '.join(cheaper) or 'no kind of model'}, raises the AUC "
        f"beyond it for {', '.join(sharper) or 'none'}, and worsens the calibration of {', '.join(off) or 'none'}."
    )


def _compared_table(compared: Sequence[Compared]) -> Table:
    def pair(row: Compared, name: str) -> str:
        return f"{getattr(row.mean, name):.4f} ± {getattr(row.half_width, name):.4f}"

    names = ("auc", "gini", "ks", "average_precision", "brier", "calibration_error", "cost")
    return Table(
        ["model", "balancing", "s", "AUC", "Gini", "KS", "average precision", "Brier", "calibration error", "cost"],
        [[row.model, row.balance, f"{row.seconds:.1f}", *(pair(row, name) for name in names)] for row in compared],
    )


def _put(out: Path, text: str) -> None:
    old = out.read_text(encoding="utf-8") if out.is_file() else "# Training\n"
    if BEGIN not in old or END not in old:
        old = f"{old.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, _, rest = old.partition(BEGIN)
    after = rest.partition(END)[2]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
