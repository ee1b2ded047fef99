"""The sections of the training report: each a name, a title, and what measures it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from credit.features import CATALOG
from training.data.dataset import Dataset
from training.documents.apart import apart_blocks
from training.documents.document import Table, markdown_table
from training.documents.frontier import FRONTIER_TEXT, frontier_table
from training.documents.kinds import kinds_blocks
from training.documents.nesting import nesting_blocks
from training.documents.policy import policy_blocks
from training.documents.rejects import rejects_blocks
from training.evaluation.compare import compare
from training.evaluation.fairness import measure_fairness
from training.evaluation.frontier import measure_frontier
from training.evaluation.nesting import measure_nesting
from training.evaluation.policy import Reviewer, Scored, compare_objectives, review_curve
from training.evaluation.rejects import measure_rejects
from training.evaluation.seeds import RowsDifficulty, measure_seeds, rows_difficulty
from training.evaluation.variants import measure_variants
from training.fit.fitted import FittedModel, fit_model
from training.fit.folds import FoldData
from training.fit.profit import values_of
from training.fit.tune import tune
from training.progress import StepProgress, no_progress
from training.registry.registry import Registry
from training.settings import TrainingSettings

_SEEDS = 3


@dataclass
class Measuring:
    """What sections are measured on: the rows, those held apart, and the champion, fitted when first asked for."""

    dataset: Dataset
    apart: Dataset
    settings: TrainingSettings
    seed: int
    trials: int = 15
    study: Path | None = None
    registry: Registry | None = None
    progress: StepProgress = field(default=no_progress)

    @cached_property
    def fitted(self) -> FittedModel:
        """The champion's way on all rows that are not held apart."""
        return fit_model(self.dataset, self.settings, self.seed, self.progress)

    @cached_property
    def folds(self) -> list[FoldData]:
        """The champion's folds, each with the features that were selected on its training rows."""
        return [self.fitted.fold_data(self.dataset, names, k) for k, names in enumerate(self.fitted.fold_features)]


@dataclass(frozen=True)
class MeasuredSection:
    """A section: its title on the page, and its Markdown blocks as measured."""

    title: str
    blocks: Callable[[Measuring], list[str]]


def _champion(m: Measuring) -> list[str]:
    fitted = m.fitted
    policy = fitted.cut.policy
    return [
        markdown_table(
            Table(
                ["AUC", "Gini", "KS", "average precision", "Brier", "calibration error", "cost"],
                [list(fitted.measures.as_dict().values())],
            )
        ),
        f"{len(fitted.features)} features of {fitted.notes.get('candidates')} candidates; calibration "
        f"{fitted.calibration.calibration.method} (Brier "
        + ", ".join(f"{k} {v:.5f}" for k, v in fitted.calibration.brier.items())
        + f"); threshold {policy.threshold:.4f}, spread over folds {fitted.cut.spread:.4f}; referred from "
        f"{policy.refer_from:.4f} to {policy.decline_from:.4f}.",
    ]


def _seeds(m: Measuring) -> list[str]:
    others = [(m.seed + i, fit_model(m.dataset, m.settings, m.seed + i, m.progress)) for i in range(1, _SEEDS)]
    seeds = measure_seeds([(m.seed, m.fitted), *others], m.apart, m.settings.costs)
    return apart_blocks(seeds, _difficulty(m.dataset, m.apart))


def _difficulty(dataset: Dataset, apart: Dataset) -> list[RowsDifficulty]:
    found = []
    for name, data in (("learned from", dataset), ("held apart", apart)):
        score = -data.X[:, CATALOG.index["EXT_MEAN"]]
        for kind, part in (("", data.has_history | True), (", with history", data.has_history)):
            if part.any() and 0 < data.y[part].mean() < 1:
                found.append(rows_difficulty(f"{name}{kind}", score[part], data.y[part]))
    return found


def _nesting(m: Measuring) -> list[str]:
    return nesting_blocks(measure_nesting(m.dataset, m.fitted, m.settings, m.seed, m.progress))


def _kinds(m: Measuring) -> list[str]:
    return kinds_blocks(compare(m.folds, m.settings, m.seed, registry=m.registry, progress=m.progress))


def _variants(m: Measuring) -> list[str]:
    variants = measure_variants(m.dataset, m.fitted, m.settings, m.seed, m.progress)
    return [
        markdown_table(
            Table(
                ["variant", "features", "AUC", "±", "AUC with history", "cost", "seconds"],
                [[v.name, v.features, v.auc, v.auc_half_width, v.auc_history, v.cost, v.seconds] for v in variants],
            )
        )
    ]


def _tuning(m: Measuring) -> list[str]:
    features = list(m.fitted.fold_features)
    tuned = tune(m.folds, features, m.settings, m.seed, trials=m.trials, storage=m.study, progress=m.progress)
    return [
        f"{tuned.trials} trials, {tuned.pruned} of them pruned: mean AUC {tuned.auc:.4f}, {tuned.auc_before:.4f} for "
        "the settings in use. The best were "
        + ", ".join(
            f"{k} {getattr(tuned.settings, k):g}"
            for k in ("leaves", "learning_rate", "trees", "l2", "feature_fraction", "leaf_rows")
        )
        + ". The best of several trials on the same folds flatters itself; settings are changed only for a gain beyond "
        "the interval."
    ]


def _fairness(m: Measuring) -> list[str]:
    fitted = m.fitted
    fairness = measure_fairness(m.dataset.values, m.dataset.y, fitted.probability, fitted.cut.policy)
    return [
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


def _frontier(m: Measuring) -> list[str]:
    return [
        FRONTIER_TEXT,
        markdown_table(frontier_table(measure_frontier(m.dataset, m.fitted, m.settings, m.seed, m.progress))),
    ]


def _policy(m: Measuring) -> list[str]:
    fitted, settings = m.fitted, m.settings
    scored = Scored(fitted.y, fitted.probability, fitted.fold)
    reviewer = Reviewer(settings.review_cost, settings.review_accuracy)
    compared = compare_objectives(scored, settings.costs, values_of(m.dataset.X, settings.economics))
    curve = review_curve(scored, settings.costs, reviewer)
    return policy_blocks(compared, curve, reviewer, fitted.cut.fold_thresholds)


def _rejects(m: Measuring) -> list[str]:
    measured = measure_rejects(m.dataset, m.fitted, m.settings, m.seed, m.progress)
    return rejects_blocks(measured, m.settings.reject_uplift)


SECTIONS: dict[str, MeasuredSection] = {
    "champion": MeasuredSection("The champion", _champion),
    "seeds": MeasuredSection("Rows held apart, and other seeds", _seeds),
    "nesting": MeasuredSection("What the figures flatter themselves by", _nesting),
    "kinds": MeasuredSection("Kinds of model", _kinds),
    "variants": MeasuredSection("One thing changed at a time", _variants),
    "tuning": MeasuredSection("Tuning", _tuning),
    "fairness": MeasuredSection("Fairness", _fairness),
    "policy": MeasuredSection("Threshold, review and profit", _policy),
    "rejects": MeasuredSection("Reject inference", _rejects),
    "frontier": MeasuredSection("What fairness by age costs", _frontier),
}
"""All sections by name, in the page's order."""
