"""What moves the model's scores over its reference sample: by feature, and by a feature's values."""

from __future__ import annotations

from typing import Any

import numpy as np

from credit.features import CATALOG
from serve_app.insight.model_view import ModelView
from serve_app.insight.questions import DependenceQuestion, ImportanceQuestion
from serve_app.insight.sample import told


def importance(view: ModelView, asked: ImportanceQuestion) -> dict[str, Any]:
    """Return the strongest features, strongest first, with the same applicants' values and contributions for each."""
    ranked = np.argsort(-view.mean_absolute, kind="stable")[: asked.top]
    rows = view.sample.shuffled[: asked.points]
    names = view.model.manifest.features
    features = []
    for place in ranked.tolist():
        feature = CATALOG[names[place]]
        values = view.sample.column(feature.name)[rows].tolist()
        pushes = view.contributions[rows, place].tolist()
        features.append(
            {
                "feature": feature.name,
                "description": feature.description,
                "subject": feature.subject,
                "categories": list(feature.codes),
                "mean_abs": float(view.mean_absolute[place]),
                "points": [{"value": v, "contribution": c} for v, c in zip(values, pushes, strict=True)],
            }
        )
    return {
        "features": features,
        "rows": len(view.sample),
        "base_value": view.model.shap.expected_value,
        "total_mean_abs": float(view.mean_absolute.sum()),
    }


def dependence(view: ModelView, asked: DependenceQuestion) -> dict[str, Any]:
    """Return a feature's values and contributions; `word` beside the code of a category."""
    place = view.place(asked.feature)
    feature = CATALOG[asked.feature]
    rows = view.sample.shuffled[: asked.points]
    values = view.sample.column(asked.feature)[rows]
    pushes = view.contributions[rows, place].tolist()
    words = told(asked.feature, values) if feature.is_category else [None] * len(rows)
    return {
        "feature": asked.feature,
        "description": feature.description,
        "categories": list(feature.codes),
        "points": [
            {"value": v, "word": w, "contribution": c} for v, w, c in zip(values.tolist(), words, pushes, strict=True)
        ],
    }
