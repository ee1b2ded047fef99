"""What an application holds and what the model reads, as a form and a page of meanings need it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from credit.application import FloatArray
from credit.features import CATALOG
from credit.features.actionable import ACTIONABLE
from credit.features.units import kind_of, unit_of
from credit.schema import APPLICATION_COLUMNS, Column
from serve_app.insight.model_view import ModelView
from serve_app.insight.sample import ReferenceSample, told

# The span that a slider needs: beyond it stand a few who would squeeze all others into its corner.
_USUAL = (0.01, 0.99)


def catalog(view: ModelView) -> dict[str, Any]:
    """Return columns in the schema's order, features by importance, and the subjects that reasons are given by."""
    sample = view.sample_or_none
    manifest = view.model.manifest
    weight = None if sample is None else view.mean_absolute
    typical = manifest.typical_values()
    order = range(len(manifest.features)) if weight is None else np.argsort(-weight, kind="stable").tolist()
    return {
        "columns": [_column(column, sample) for column in APPLICATION_COLUMNS],
        "features": [
            _feature(manifest.features[i], typical[i], None if weight is None else float(weight[i])) for i in order
        ],
        "reasons": [
            {
                "code": subject.code,
                "subject": subject.title,
                "text": subject.adverse,
                "favourable": subject.favourable,
                "protected": subject.protected,
            }
            for subject in CATALOG.subjects.values()
        ],
        "rows": 0 if sample is None else len(sample),
    }


def _column(column: Column, sample: ReferenceSample | None) -> dict[str, Any]:
    actionable = ACTIONABLE.get(column.name)
    known = np.empty(0)
    if sample is not None and column.name in sample.names:
        values = sample.column(column.name)
        known = values[~np.isnan(values)]
    return {
        "name": column.name,
        "kind": kind_of(column),
        "required": column.required,
        "categories": list(column.codes),
        "unit": unit_of(column),
        "description": CATALOG[column.name].description,
        "subject": CATALOG[column.name].subject,
        "protected": CATALOG[column.name].protected,
        "actionable": None if actionable is None else asdict(actionable),
        **_seen(column, known),
    }


def _seen(column: Column, known: FloatArray) -> dict[str, Any]:
    """What was seen of a column in the sample: its bounds, where most lie, and a typical value."""
    if known.size == 0:
        return dict.fromkeys(("minimum", "maximum", "low", "high", "typical"))
    if column.is_category:
        found, counts = np.unique(known, return_counts=True)
        common = told(column.name, found[[int(np.argmax(counts))]])[0]
        return {**dict.fromkeys(("minimum", "maximum", "low", "high")), "typical": common}
    low, middle, high = np.quantile(known, (_USUAL[0], 0.5, _USUAL[1]), method="lower").tolist()
    return {
        "minimum": float(known.min()),
        "maximum": float(known.max()),
        "low": low,
        "high": high,
        "typical": middle,
    }


def _feature(name: str, typical: float, weight: float | None) -> dict[str, Any]:
    feature = CATALOG[name]
    return {
        "name": name,
        "source": feature.source,
        "subject": feature.subject,
        "description": feature.description,
        "definition": feature.definition,
        "categories": list(feature.codes),
        "direction": feature.monotone,
        "typical": told(name, np.array([typical]))[0],
        "importance": weight,
    }
