"""What crosses the wire as JSON: applications in, decisions out, and the reasons for refusing to read one.

Both doors read applications with `parse_applications` and write decisions with `decision_documents`, so that an
application means the same whichever way it came. The audit record is in `credit.audit`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

import numpy as np
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    ValidationError,
    create_model,
)
from pydantic_core import from_json, to_json

from credit.application import CELL_ORDER, ApplicationBatch, IntArray, encode_cells
from credit.decision import DecisionBatch, Mode
from credit.features import CATALOG
from credit.policy import Outcome
from credit.schema import APPLICATION_COLUMNS, COLUMN_INDEX, Column

APPLICATIONS_TOPIC = "loan-applications"
DECISIONS_TOPIC = "loan-decisions"
AUDIT_TOPIC = "loan-audit"
DEAD_LETTERS_TOPIC = "loan-applications-dlq"
OUTCOMES_TOPIC = "loan-outcomes"

SCHEMA_VERSION: Final = 1
MAX_APPLICATION_BYTES = 64 * 1024
MAX_NUMBER = 1e12

RejectionCode = Literal[
    "oversize", "not_json", "unsupported_version", "invalid_fields", "submitted_in_future", "submitted_too_long_ago"
]

_Number = Annotated[float, Strict(), Field(allow_inf_nan=False, ge=-MAX_NUMBER, le=MAX_NUMBER)]
_Category = Annotated[str, Strict(), StringConstraints(max_length=100)]
ClientId = Annotated[int, Strict(), Field(ge=1, lt=2**63, description="The client's SK_ID_CURR.")]
ApplicationId = Annotated[str, Strict(), StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]


class _Row(BaseModel):
    # A misspelt column must not read as a missing value: it would decide the application on less than was sent.
    model_config = ConfigDict(extra="forbid")

    SK_ID_CURR: ClientId


def _cell(column: Column) -> Any:
    cell: Any = _Category if column.is_category else _Number
    return (cell, ...) if column.required else (cell | None, None)


# Fields stand in `CELL_ORDER`, after the client's id, so that a validated row's values are its cells.
_CELLS: dict[str, Any] = {name: _cell(APPLICATION_COLUMNS[COLUMN_INDEX[name]]) for name in CELL_ORDER}
ApplicationRow = create_model("ApplicationRow", __base__=_Row, __doc__="Home Credit's application columns.", **_CELLS)


class ApplicationMessage(BaseModel):
    """One application as intake sends it: an envelope around Home Credit's own columns."""

    model_config = ConfigDict(extra="forbid")

    schema_version: Literal[1] = SCHEMA_VERSION
    application_id: ApplicationId | None = Field(default=None, description="Unique in the bank; SK_ID_CURR if absent.")
    submitted_at: AwareDatetime | None = Field(default=None, description="RFC 3339 with an offset; arrival if absent.")
    application: ApplicationRow


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why the payload at `row` cannot be decided: a code for machines, (field path, what is wrong) pairs for people."""

    row: int
    code: RejectionCode
    problems: list[tuple[str, str]]

    @property
    def detail(self) -> str:
        return "; ".join(f"{path}: {what}" if path else what for path, what in self.problems)[:2000]


@dataclass(frozen=True, slots=True)
class ParsedBatch:
    """The payloads that can be decided (`rows` says which they were) and the rejections of all others."""

    batch: ApplicationBatch
    rows: IntArray
    rejected: list[Rejection] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How far from its arrival an application may claim to have been submitted, in seconds."""

    max_age_s: float = 7 * 24 * 3600.0
    max_future_s: float = 300.0


def parse_applications(
    payloads: Sequence[bytes], received_ms: Sequence[int] | IntArray, limits: TimeLimits | None = None
) -> ParsedBatch:
    """Read n application messages; every payload ends either in the batch or among the rejections.

    received_ms: n arrival times in milliseconds since the epoch, used where a message has no `submitted_at` and to
    judge the one it has.
    """
    limits = limits or TimeLimits()
    ids: list[str] = []
    submitted: list[int] = []
    clients: list[int] = []
    cells: list[list[Any]] = []
    rows: list[int] = []
    rejected: list[Rejection] = []
    for row, payload in enumerate(payloads):
        if payload is None or len(payload) > MAX_APPLICATION_BYTES:
            rejected.append(_oversize_or_empty(row, payload))
            continue
        try:
            message = ApplicationMessage.model_validate_json(payload)
        except ValidationError as error:
            rejected.append(_rejection(row, payload, error))
            continue
        arrived = int(received_ms[row])
        at = arrived if message.submitted_at is None else round(message.submitted_at.timestamp() * 1000)
        age_s = (arrived - at) / 1000
        if age_s > limits.max_age_s:
            rejected.append(_time_rejection(row, "submitted_too_long_ago", f"{age_s:.0f} s before its arrival"))
            continue
        if -age_s > limits.max_future_s:
            rejected.append(_time_rejection(row, "submitted_in_future", f"{-age_s:.0f} s after its arrival"))
            continue
        client, *row_cells = message.application.__dict__.values()
        clients.append(client)
        cells.append(row_cells)
        ids.append(message.application_id or str(client))
        submitted.append(at)
        rows.append(row)
    batch = ApplicationBatch(
        ids,
        np.array(clients, dtype=np.int64),
        np.array(submitted, dtype=np.int64),
        encode_cells(cells),
    )
    return ParsedBatch(batch, np.array(rows, dtype=np.int64), rejected)


def _oversize_or_empty(row: int, payload: bytes | None) -> Rejection:
    if payload is None:
        return Rejection(row, "not_json", [("", "the message has no value")])
    size = f"{len(payload)} bytes, at most {MAX_APPLICATION_BYTES} are read"
    return Rejection(row, "oversize", [("", size)])


def _time_rejection(row: int, code: RejectionCode, what: str) -> Rejection:
    return Rejection(row, code, [("submitted_at", what)])


def _rejection(row: int, payload: bytes, error: ValidationError) -> Rejection:
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    if errors[0]["type"] == "json_invalid":
        return Rejection(row, "not_json", [("", errors[0]["msg"])])
    version = _schema_version(payload)
    if version != SCHEMA_VERSION:
        what = f"version {version!r} is not known, this version reads {SCHEMA_VERSION}"
        return Rejection(row, "unsupported_version", [("schema_version", what)])
    return Rejection(row, "invalid_fields", [(".".join(str(part) for part in e["loc"]), e["msg"]) for e in errors])


def _schema_version(payload: bytes) -> Any:
    document = from_json(payload)
    return document.get("schema_version", SCHEMA_VERSION) if isinstance(document, dict) else SCHEMA_VERSION


def encode_application(message: dict[str, Any]) -> bytes:
    """Return an application message as JSON bytes."""
    return to_json(message)


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


def _readable(value: float, codes: tuple[str, ...]) -> float | str | None:
    if math.isnan(value):
        return None
    if codes:
        return codes[int(value)] if 0 <= value < len(codes) else "unknown"
    return float(value)


def decision_documents(batch: DecisionBatch) -> list[dict[str, Any]]:
    """Return each decision as a JSON-ready mapping of `DecisionMessage`'s shape."""
    model, applications, reasons = batch.model, batch.applications, batch.reasons
    model_part = {"name": model.name, "version": model.version, "digest": model.digest}
    policy_digest, threshold = model.policy.digest, model.policy.threshold
    features = [CATALOG[name] for name in model.features]
    subject, feature = reasons.subject.tolist(), reasons.feature.tolist()
    share, value, typical = reasons.share.tolist(), reasons.value.tolist(), reasons.typical.tolist()
    outcomes = [Outcome(code) for code in batch.outcome.tolist()]
    columns = zip(
        batch.decision_ids,
        applications.application_ids,
        applications.client_ids.tolist(),
        outcomes,
        batch.probability.tolist(),
        batch.points.tolist(),
        batch.mode.tolist(),
        batch.history.tolist(),
        applications.submitted_ms.tolist(),
        batch.decided_ms.tolist(),
        strict=True,
    )
    documents: list[dict[str, Any]] = []
    for row, (decision_id, application_id, client, outcome, p, points, mode, history, sent, decided) in enumerate(
        columns
    ):
        listed = []
        for place, s in enumerate(subject[row]):
            if s < 0:
                break
            about, f = _SUBJECTS[s], features[feature[row][place]]
            listed.append(
                {
                    "code": about.code,
                    "subject": about.title,
                    "text": about.favourable if outcome is Outcome.APPROVE else about.adverse,
                    "share": round(share[row][place], 4),
                    "feature": f.name,
                    "value": _readable(value[row][place], f.codes),
                    "typical": _readable(typical[row][place], f.codes),
                }
            )
        documents.append(
            {
                "schema_version": SCHEMA_VERSION,
                "decision_id": decision_id,
                "application_id": application_id,
                "sk_id_curr": client,
                "outcome": outcome.word,
                "probability_of_default": p,
                "score_points": points,
                "threshold": threshold,
                "reasons": listed,
                "model": model_part,
                "policy_digest": policy_digest,
                "mode": Mode(mode).word,
                "history": history,
                "submitted_at": sent,
                "decided_at": decided,
            }
        )
    return documents


def encode_decisions(batch: DecisionBatch) -> list[bytes]:
    """Return each decision as JSON bytes, in the batch's order."""
    return [to_json(document) for document in decision_documents(batch)]
