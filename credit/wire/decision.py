"""Decisions as they cross the wire, as JSON: the same document on `loan-decisions` and in answers of the HTTP API."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import orjson
from pydantic import BaseModel, Field

from credit.decision import DecisionBatch, Mode
from credit.features import CATALOG
from credit.policy import Outcome
from credit.schema import SCHEMA_VERSION


class ReasonMessage(BaseModel):
    """One principal reason of a decision."""

    code: str = Field(description="Stable code of the subject, such as R07.")
    subject: str = Field(description="What the reason is about.")
    text: str = Field(description="The sentence for the applicant.")
    share: float = Field(description="Part of all that pushed in this direction, 0 to 1.")
    feature: str = Field(description="The strongest feature of the subject.")
    value: float | str | None = Field(description="Its value for this applicant; null where missing.")
    typical: float | str | None = Field(description="A typical value among applicants who repaid.")


class ModelMessage(BaseModel):
    """The model that decided."""

    name: str
    version: str
    digest: str


class DecisionMessage(BaseModel):
    """One decision, as it stands on `loan-decisions` and in answers of the HTTP API."""

    schema_version: Literal[1] = SCHEMA_VERSION
    decision_id: str
    application_id: str
    sk_id_curr: int
    outcome: Literal["approve", "refer", "decline"]
    probability_of_default: float
    score_points: int
    threshold: float
    reasons: list[ReasonMessage]
    model: ModelMessage
    policy_digest: str
    mode: Literal["full", "history_unavailable", "reasons_unavailable", "history_and_reasons_unavailable"]
    history: bool = Field(description="Whether the bank held any history of the client.")
    submitted_at: int = Field(description="Milliseconds since the epoch, UTC.")
    decided_at: int = Field(description="Milliseconds since the epoch, UTC.")


_SUBJECTS = tuple(CATALOG.subjects.values())
_OUTCOME_WORDS = {int(outcome): outcome.word for outcome in Outcome}
_MODE_WORDS = {int(mode): mode.word for mode in Mode}


def _readable(value: float, codes: tuple[str, ...]) -> float | str | None:
    if not math.isfinite(value):  # JSON has no word for it
        return None
    if codes:
        return codes[int(value)] if 0 <= value < len(codes) else "unknown"
    return value


@lru_cache(maxsize=8)
def _named(features: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Return the name and codes of a model's features; asked for every batch, answered once a model."""
    return [(feature.name, feature.codes) for feature in (CATALOG[name] for name in features)]


def decision_documents(batch: DecisionBatch) -> list[dict[str, Any]]:
    """Return each decision as a JSON-ready mapping of `DecisionMessage`'s shape."""
    model, applications, reasons = batch.model, batch.applications, batch.reasons
    model_part = {"name": model.name, "version": model.version, "digest": model.digest}
    policy_digest, threshold = model.policy.digest, model.policy.threshold
    features = _named(model.features)
    columns = zip(
        batch.decision_ids,
        applications.application_ids,
        applications.client_ids.tolist(),
        batch.outcome.tolist(),
        batch.probability.tolist(),
        batch.points.tolist(),
        batch.mode.tolist(),
        batch.history.tolist(),
        applications.submitted_ms.tolist(),
        batch.decided_ms.tolist(),
        zip(
            reasons.subject.tolist(),
            reasons.feature.tolist(),
            np.round(reasons.share, 4).tolist(),
            reasons.value.tolist(),
            reasons.typical.tolist(),
            strict=True,
        ),
        strict=True,
    )
    documents: list[dict[str, Any]] = []
    for decision_id, application_id, client, outcome, p, points, mode, history, sent, decided, listed in columns:
        documents.append(
            {
                "schema_version": SCHEMA_VERSION,
                "decision_id": decision_id,
                "application_id": application_id,
                "sk_id_curr": client,
                "outcome": _OUTCOME_WORDS[outcome],
                "probability_of_default": p,
                "score_points": points,
                "threshold": threshold,
                "reasons": _reasons(listed, outcome == Outcome.APPROVE, features),
                "model": model_part,
                "policy_digest": policy_digest,
                "mode": _MODE_WORDS[mode],
                "history": history,
                "submitted_at": sent,
                "decided_at": decided,
            }
        )
    return documents


def _reasons(
    listed: tuple[list[Any], ...], approved: bool, features: list[tuple[str, tuple[str, ...]]]
) -> list[dict[str, Any]]:
    told = []
    for subject, feature, share, value, typical in zip(*listed, strict=True):
        if subject < 0:
            break
        about = _SUBJECTS[subject]
        name, codes = features[feature]
        told.append(
            {
                "code": about.code,
                "subject": about.title,
                "text": about.favourable if approved else about.adverse,
                "share": share,
                "feature": name,
                "value": _readable(value, codes),
                "typical": _readable(typical, codes),
            }
        )
    return told


def encode_decisions(batch: DecisionBatch) -> list[bytes]:
    """Return each decision as JSON bytes, in the batch's order."""
    return [orjson.dumps(document) for document in decision_documents(batch)]
