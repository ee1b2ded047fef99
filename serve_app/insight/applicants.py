"""Applicants of the reference sample: some of them, or those who are most like one."""

from __future__ import annotations

from typing import Any

import numpy as np

from credit.application import FloatArray, IntArray
from credit.errors import UnknownFeature
from credit.features import CATALOG, assemble
from credit.policy import Outcome
from serve_app.insight.model_view import ModelView
from serve_app.insight.questions import SampleQuestion, SimilarQuestion
from serve_app.insight.sample import told

# A difference is told in parts of this range of the sample, so that one very rich applicant does not make all others
# alike.
_SPREAD = (0.05, 0.95)


def sampled(view: ModelView, asked: SampleQuestion) -> dict[str, Any]:
    """Return anonymous applicants; the same ones for each feature, and the first of a larger `limit`."""
    rows = view.sample.shuffled[: asked.limit]
    return _rows(view, asked.features, {name: view.sample.column(name)[rows] for name in asked.features}, rows)


def similar(view: ModelView, asked: SimilarQuestion) -> dict[str, Any]:
    """Return the nearest applicants, nearest first, by the mean of the features' differences, 0 to 1.

    Source: Gower, A General Coefficient of Similarity and Some of Its Properties (1971); a difference is capped at the
    range from the 5th to the 95th percentile. What both miss is the same, what one misses is as far as can be.
    """
    shown = tuple(dict.fromkeys((*asked.by, *asked.show)))
    columns = {name: view.sample.column(name) for name in shown}
    client = _client(view, asked, shown)
    distance = np.mean([_difference(name, columns[name], client[name]) for name in asked.by], axis=0)
    # By chance where they are equally near, and not by their place in the table.
    order = view.sample.shuffled[np.argsort(distance[view.sample.shuffled], kind="stable")]
    rows = order[: asked.count]
    return {
        **_rows(view, shown, {name: column[rows] for name, column in columns.items()}, rows),
        "distance": distance[rows].tolist(),
        "client": {name: told(name, np.array([client[name]]))[0] for name in shown},
        "percentiles": {name: _percentile(name, columns[name], client[name]) for name in shown},
        "compared": len(view.sample),
    }


def _rows(view: ModelView, names: tuple[str, ...], values: dict[str, FloatArray], rows: IntArray) -> dict[str, Any]:
    probability = view.sample.probability[rows]
    outcomes = view.model.manifest.policy.outcomes(probability)
    defaulted = view.sample.defaulted
    return {
        "columns": {name: told(name, values[name]) for name in names},
        "probability": probability.tolist(),
        "outcome": [Outcome(int(outcome)).word for outcome in outcomes],
        "defaulted": None if defaulted is None else [bool(one) for one in defaulted[rows]],
        "rows": len(view.sample),
    }


def _client(view: ModelView, asked: SimilarQuestion, names: tuple[str, ...]) -> dict[str, float]:
    """Return the applicant's values by feature, missing ones NaN."""
    if asked.given is not None:
        strangers = [name for name in asked.given if name not in view.sample.names]
        if strangers:
            raise UnknownFeature(f"nothing is known of the feature {strangers[0]}: GET /v1/catalog lists them")
        return {name: asked.given.get(name, float("nan")) for name in names}
    assert asked.values is not None
    assert asked.history is not None
    assembled = assemble(asked.values[None, :], asked.history[None, :])
    features = view.model.manifest.features
    read = dict(zip(features, view.model.features(assembled)[0].tolist(), strict=True))
    return {name: read[name] if name in read else float(assembled[0, CATALOG.index[name]]) for name in names}


def _difference(name: str, column: FloatArray, value: float) -> FloatArray:
    missing = np.isnan(column)
    if np.isnan(value):
        return np.where(missing, 0.0, 1.0)
    if CATALOG[name].is_category:
        return np.where(column == value, 0.0, 1.0)
    known = column[~missing]
    low, high = np.quantile(known, _SPREAD) if known.size else (0.0, 0.0)
    if high <= low:  # most are alike: whoever differs differs
        return np.where(column == value, 0.0, 1.0)
    return np.where(missing, 1.0, np.minimum(np.abs(column - value) / (high - low), 1.0))


def _percentile(name: str, column: FloatArray, value: float) -> float | None:
    """Return the share of the sample below a number, ties counted half; None for categories and what is missing."""
    known = column[~np.isnan(column)]
    if np.isnan(value) or CATALOG[name].is_category or known.size == 0:
        return None
    return float(((known < value).sum() + 0.5 * (known == value).sum()) / known.size)
