"""All that is told of the model that decides, for whoever answers for it."""

from __future__ import annotations

from typing import Any, Literal

from credit.errors import ModelRefused
from credit.evaluation import CalibrationPoint, Evaluation, MeasuredValue, calibration_points
from registered_model.documents import read_card, read_evaluation
from serve_app.insight.model_view import ModelView
from serve_app.models.description import describe

DocumentsState = Literal["checked", "none", "altered"]


def model_page(view: ModelView) -> dict[str, Any]:
    """Return the page's content.

    documents: checked against the manifest's digests, none for a model of an older version, altered where a file is not
    what training wrote, and then nothing of it is shown. Without an evaluation the measures have no interval and the
    calibration is that of the reference sample, which is out of fold too.
    """
    manifest = view.model.manifest
    evaluation, card, documents = _documents(view)
    told = describe(view.model)
    measures = evaluation.measures if evaluation else {n: MeasuredValue(value=v) for n, v in manifest.metrics.items()}
    return {
        **{name: told[name] for name in ("name", "version", "digest", "catalog_hash", "policy_digest", "trained_at")},
        "data_digest": manifest.data_digest,
        "policy": manifest.policy.model_dump(),
        "features": len(manifest.features),
        "rows": evaluation.rows if evaluation else manifest.training.get("rows"),
        "default_rate": evaluation.default_rate if evaluation else manifest.training.get("default_rate"),
        "folds": evaluation.folds if evaluation else None,
        "measures": {name: value.model_dump() for name, value in measures.items()},
        "calibration_method": manifest.calibration.method,
        "calibration": [point.model_dump() for point in _calibration(view, evaluation)],
        "fairness": [group.model_dump() for group in evaluation.fairness] if evaluation else [],
        "adverse_impact": evaluation.adverse_impact if evaluation else {},
        "documents": documents,
        "card": card,
    }


def _documents(view: ModelView) -> tuple[Evaluation | None, str | None, DocumentsState]:
    folder, manifest = view.model.folder, view.model.manifest
    try:
        evaluation, card = read_evaluation(folder, manifest), read_card(folder, manifest)
    except ModelRefused:
        return None, None, "altered"
    return evaluation, card, "none" if evaluation is None and card is None else "checked"


def _calibration(view: ModelView, evaluation: Evaluation | None) -> tuple[CalibrationPoint, ...]:
    if evaluation is not None:
        return evaluation.calibration
    sample = view.sample_or_none
    if sample is None or sample.defaulted is None:
        return ()
    return calibration_points(sample.probability, sample.defaulted)
