"""The model card: what a credit-risk officer reads before signing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from credit.application import FloatArray
from credit.features import CATALOG
from credit.manifest import ModelManifest
from credit.policy import Costs
from credit.schema import APPLICATION_COLUMNS
from training.data.dataset import Dataset
from training.documents import plots
from training.documents.document import Section, Table
from training.documents.frontier import FRONTIER_TEXT, frontier_table
from training.evaluation.compare import student_half_width
from training.evaluation.fairness import Fairness
from training.evaluation.variants import Variant
from training.fit.fitted import FittedModel
from training.fit.measures import measures

CARD_STEM = "model_card"
_EXPLAINED_ROWS = 2_000
_LIMITS = (
    "The model learned from applications that were granted; of those that were refused nothing is known "
    "({inference}). Past lending is not a law: a change in economy or in products shows as drift first. "
    "Probabilities are calibrated for a population like the one trained on. History of other lenders is as complete as "
    "the bureau's. Scores of external agencies weigh most, and how they are made is not known to us. Where the bank "
    "prices by risk, the predicted interest repeats what it thought of the applicant when it set the price: prices "
    "made in another way change what the feature means.\n\n"
    "Groups are compared on recorded gender, age and family status; other protected attributes are not in the data. "
    "Equal approval rates are not built in; the ratios below tell what the policy leads to."
)


def _limits(manifest: ModelManifest) -> str:
    method = manifest.training.get("settings", {}).get("reject_inference", "none")
    none = "reject inference was not attempted"
    inference = none if method == "none" else f"unlabelled rows were learned from with supposed outcomes: {method}"
    return _LIMITS.replace("{inference}", inference)


def card_sections(
    data: Dataset,
    fitted: FittedModel,
    manifest: ModelManifest,
    fairness: Fairness,
    frontier: Sequence[Variant] = (),
) -> list[Section]:
    """Return the card's sections: purpose, data, measures, stability, explanation, fairness, features, limits.

    frontier: models that weigh age less, where they were measured.
    """
    y, p = fitted.y, fitted.probability
    policy = manifest.policy
    costs = policy.costs
    band = (policy.refer_from, policy.decline_from)
    rows = np.sort(np.random.default_rng(manifest.seed).permutation(len(y))[:_EXPLAINED_ROWS])
    X = fitted.X[rows]
    contributions = np.asarray(fitted.booster.predict(X, pred_contrib=True, num_threads=1))[:, :-1]
    points = manifest.scorecard.points(p).astype(np.float64)
    return [
        Section("Purpose", _purpose(data, manifest)),
        Section("Measures, out of fold", "", [_measures(data, fitted, costs), plots.curves(y, p)]),
        Section(
            "Calibration",
            f"Chosen: {manifest.calibration.method}, by the Brier score of probabilities fitted on the other folds.",
            [Table(["method", "Brier score"], list(fitted.calibration.brier.items())), plots.calibration(y, p)],
        ),
        Section(
            "Policy",
            f"Approving a defaulter costs {costs.false_negative:g}, declining a repayer {costs.false_positive:g}. The "
            f"threshold {policy.threshold:.4f} is the mean of the folds' optima (spread {fitted.cut.spread:.4f}). "
            f"From {policy.refer_from:.4f} to {policy.decline_from:.4f} a person decides.",
            [plots.cost(y, p, policy.threshold, band, costs), plots.distribution(y, points)],
        ),
        Section("Stability over folds", "", [_stability(fitted, costs)]),
        Section(
            "What the model goes by",
            "",
            [*plots.importance(contributions, X, fitted.features), _subjects(contributions, fitted)],
        ),
        Section("Fairness", "Adverse impact ratio: the lowest approval rate over the highest.", _fairness(fairness)),
        *([Section("What fairness by age costs", FRONTIER_TEXT, [frontier_table(frontier)])] if frontier else []),
        Section("Data profile", "", [_missing(data.values), _default_rates(data)]),
        Section("Selection of features", _selection(fitted), [_features(fitted)]),
        Section("Limits", _limits(manifest)),
    ]


def _purpose(data: Dataset, manifest: ModelManifest) -> str:
    missing = f" History tables that were not there: {', '.join(data.missing)}." if data.missing else ""
    return (
        f"Estimates the probability that an applicant for a loan will default, to approve, refer or decline under the "
        f"bank's cost policy. Trained {manifest.trained_at} on {len(data.y):,} applications, {data.y.mean():.2%} of "
        f"which defaulted; something beyond the application is known of {data.has_history.mean():.1%}.{missing}\n\n"
        f"Model digest {manifest.digest[:16]}, catalog {manifest.catalog_hash[:16]}, data {manifest.data_digest[:16]}, "
        f"seed {manifest.seed}."
    )


def _measures(data: Dataset, fitted: FittedModel, costs: Costs) -> Table:
    y, p, threshold = fitted.y, fitted.probability, fitted.cut.policy.threshold
    rows: list[list[object]] = []
    for name, part in (
        ("all", np.ones(len(y), dtype=bool)),
        ("with history", data.has_history),
        ("application alone", ~data.has_history),
    ):
        if part.any() and y[part].min() < y[part].max():
            rows.append([name, int(part.sum()), *measures(y[part], p[part], threshold, costs).as_dict().values()])
    return Table(
        ["clients", "rows", "AUC", "Gini", "KS", "average precision", "Brier", "calibration error", "cost"], rows
    )


def _stability(fitted: FittedModel, costs: Costs) -> Table:
    rows: list[list[object]] = []
    table = []
    for k in np.unique(fitted.fold):
        part = fitted.fold == k
        found = measures(fitted.y[part], fitted.probability[part], fitted.cut.policy.threshold, costs)
        table.append([found.auc, found.ks, found.brier, found.cost])
        rows.append([f"fold {k + 1}", *table[-1], fitted.cut.fold_thresholds[int(k)]])
    half = student_half_width(np.array(table))
    rows.append(["half width of the 95 % interval", *(float(v) for v in half), None])
    return Table(["fold", "AUC", "KS", "Brier", "cost", "own best threshold"], rows)


def _subjects(contributions: FloatArray, fitted: FittedModel) -> Table:
    weight: dict[str, float] = {}
    mean = np.abs(contributions).mean(axis=0)
    for name, value in zip(fitted.features, mean, strict=True):
        subject = CATALOG[name].subject
        weight[subject] = weight.get(subject, 0.0) + float(value)
    total = sum(weight.values()) or 1.0
    ranked = sorted(weight.items(), key=lambda item: -item[1])
    return Table(
        ["subject", "code", "share of all contributions"],
        [[CATALOG.subjects[code].title, code, value / total] for code, value in ranked],
    )


def _fairness(fairness: Fairness) -> Sequence[Table]:
    heads = ["group", "rows", "default rate", "approval rate", "AUC", "repayers declined", "defaulters approved"]
    tables = [Table(["attribute", "adverse impact ratio"], list(fairness.adverse_impact.items()))]
    tables.extend(
        Table(
            [f"{attribute}: {heads[0]}", *heads[1:]],
            [
                [g.group, g.rows, g.default_rate, g.approval_rate, g.auc, g.false_declines, g.false_approvals]
                for g in fairness.groups
                if g.attribute == attribute
            ],
        )
        for attribute in fairness.adverse_impact
    )
    return tables


def _missing(values: FloatArray, shown: int = 25) -> Table:
    share = np.isnan(values).mean(axis=0)
    top = np.argsort(-share, kind="stable")[:shown]
    return Table(["column", "missing"], [[APPLICATION_COLUMNS[i].name, float(share[i])] for i in top])


def _default_rates(data: Dataset) -> Table:
    rows: list[list[object]] = []
    for column in APPLICATION_COLUMNS:
        if column.name not in ("NAME_CONTRACT_TYPE", "NAME_INCOME_TYPE", "NAME_EDUCATION_TYPE", "NAME_HOUSING_TYPE"):
            continue
        cells = data.audit(column.name)
        for code, text in enumerate(column.codes):
            part = cells == code
            if part.any():
                rows.append([f"{column.name}: {text}", int(part.sum()), float(data.y[part].mean())])
    return Table(["group", "rows", "default rate"], rows)


def _selection(fitted: FittedModel) -> str:
    if not fitted.verdicts:
        return "No selection: all candidates are read."
    return (
        f"Of {len(fitted.verdicts)} candidates {len(fitted.features)} are read. Kept is what at least two thirds of "
        "the folds of all draws split on, what raises the log loss when permuted on held-out rows, and what no feature "
        "of more gain nearly copies. For the measures above the choice was made anew on each fold's training rows: "
        f"{fitted.notes.get('features_by_fold')} features."
    )


def _features(fitted: FittedModel, shown: int = 40) -> Table:
    kept = sorted((v for v in fitted.verdicts if v.kept), key=lambda v: -v.gain)[:shown]
    return Table(
        ["feature", "share of gain", "rise of log loss when permuted", "meaning"],
        [[v.name, v.gain, f"{v.permutation:.6f}", CATALOG[v.name].description] for v in kept],
    )
