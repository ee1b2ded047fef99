"""`make train-report`: measure everything that docs/training.md claims, on the tables at hand, and write its tables."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from credit.features import CATALOG
from training.data.apart import held_apart
from training.data.dataset import Dataset, load_dataset
from training.documents.apart import apart_blocks
from training.documents.document import Table, markdown_table
from training.documents.frontier import FRONTIER_TEXT, frontier_table
from training.evaluation.compare import Compared, compare
from training.evaluation.fairness import Fairness, measure_fairness
from training.evaluation.frontier import measure_frontier
from training.evaluation.seeds import RowsDifficulty, measure_seeds, rows_difficulty
from training.evaluation.variants import Variant, measure_variants
from training.fit.fitted import FittedModel, fit_model
from training.fit.tune import Tuned, tune
from training.progress import StepProgress, no_progress
from training.registry.registry import Registry
from training.settings import TrainingSettings

_SEEDS = 3
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def write_report(
    data: Path,
    out: Path,
    *,
    settings: TrainingSettings | None = None,
    seed: int = 0,
    tracking_uri: str | None = None,
    trials: int = 15,
    study: Path | None = None,
    progress: StepProgress = no_progress,
) -> Path:
    """Measure on the tables in `data` and write the tables between the two marks of the Markdown file `out`.

    A file without marks, or none, is given them at its end. tracking_uri: logs the comparison as a parent run with
    nested ones; study: an SQLite file from which an interrupted tuning goes on. Nothing is written before all
    is measured.
    """
    settings = settings or TrainingSettings()
    start = time.perf_counter()
    everything = load_dataset(data, settings, progress)
    held = held_apart(everything.client_ids)
    dataset, apart = everything.rows(~held), everything.rows(held)
    fitted = fit_model(dataset, settings, seed, progress)
    trained = time.perf_counter() - start
    features = list(fitted.fold_features)
    folds = [fitted.fold_data(dataset, names, k) for k, names in enumerate(features)]
    registry = Registry(tracking_uri) if tracking_uri else None
    compared = compare(folds, settings, seed, registry=registry, progress=progress)
    variants = measure_variants(dataset, fitted, settings, seed, progress)
    tuned = tune(folds, features, settings, seed, trials=trials, storage=study, progress=progress)
    fairness = measure_fairness(dataset.values, dataset.y, fitted.probability, fitted.cut.policy)
    frontier = measure_frontier(dataset, fitted, settings, seed, progress)
    others = [(seed + i, fit_model(dataset, settings, seed + i, progress)) for i in range(1, _SEEDS)]
    seeds = measure_seeds([(seed, fitted), *others], apart, settings.costs)
    blocks = apart_blocks(seeds, _difficulty(dataset, apart))
    text = _text(
        dataset, fitted, compared, variants, tuned, fairness, frontier, blocks, trained, time.perf_counter() - start
    )
    write_between_marks(out, text)
    return out


def _text(
    data: Dataset,
    fitted: FittedModel,
    compared: Sequence[Compared],
    variants: Sequence[Variant],
    tuned: Tuned,
    fairness: Fairness,
    frontier: Sequence[Variant],
    apart: Sequence[str],
    trained_s: float,
    total_s: float,
) -> str:
    policy, found = fitted.cut.policy, fitted.measures
    known = data.has_history.mean()
    best = max((c for c in compared if c.balance == "nothing"), key=lambda c: c.mean.auc)
    blocks = [
        f"Measured on {len(data.y):,} labelled applications ({data.y.mean():.2%} defaults, {known:.1%} with history) "
        f"and {len(data.unlabelled):,} unlabelled ones, in {total_s / 60:.1f} minutes, of which training the champion "
        f"took {trained_s / 60:.1f}. All figures are out of fold, with features chosen on each fold's training rows; "
        "± is half the 95 % t interval over the folds. The rows held apart are in none of these figures but where "
        "it is said.",
        "### The champion",
        markdown_table(
            Table(
                ["AUC", "Gini", "KS", "average precision", "Brier", "calibration error", "cost"],
                [list(found.as_dict().values())],
            )
        ),
        f"{len(fitted.features)} features of {fitted.notes.get('candidates')} candidates; calibration "
        f"{fitted.calibration.calibration.method} (Brier "
        + ", ".join(f"{k} {v:.5f}" for k, v in fitted.calibration.brier.items())
        + f"); threshold {policy.threshold:.4f}, spread over folds {fitted.cut.spread:.4f}; referred from "
        f"{policy.refer_from:.4f} to {policy.decline_from:.4f}.",
        *apart,
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
        "### What fairness by age costs",
        FRONTIER_TEXT,
        markdown_table(frontier_table(frontier)),
    ]
    return "\n\n".join(blocks)


def _difficulty(dataset: Dataset, apart: Dataset) -> list[RowsDifficulty]:
    found = []
    for name, data in (("learned from", dataset), ("held apart", apart)):
        score = -data.X[:, CATALOG.index["EXT_MEAN"]]
        for kind, part in (("", data.has_history | True), (", with history", data.has_history)):
            if part.any() and 0 < data.y[part].mean() < 1:
                found.append(rows_difficulty(f"{name}{kind}", score[part], data.y[part]))
    return found


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


def write_between_marks(out: Path, text: str) -> None:
    """Put the text between the two marks of a Markdown file; one without marks, or none, is given them at its end."""
    old = out.read_text(encoding="utf-8") if out.is_file() else "# Training\n"
    if BEGIN not in old or END not in old:
        old = f"{old.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, _, rest = old.partition(BEGIN)
    after = rest.partition(END)[2]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
