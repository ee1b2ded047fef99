"""Applications as they cross the wire, as JSON, and the reasons for refusing to read one.

Both doors read with `parse_applications`, so that an application means the same whichever way it came. Decisions are in
`credit.wire.decision`, the audit record in `credit.wire.audit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

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
from credit.schema import APPLICATION_COLUMNS, COLUMN_INDEX, SCHEMA_VERSION, Column
from credit.wire.well_formed import (
    APPLICATION_ID,
    MAX_CATEGORY_LENGTH,
    MAX_CLIENT_ID,
    MAX_NUMBER,
    read_well_formed,
)

MAX_APPLICATION_BYTES = 64 * 1024

RejectionCode = Literal[
    "oversize", "not_json", "unsupported_version", "invalid_fields", "submitted_in_future", "submitted_too_long_ago"
]

_Number = Annotated[float, Strict(), Field(allow_inf_nan=False, ge=-MAX_NUMBER, le=MAX_NUMBER)]
_Category = Annotated[str, Strict(), StringConstraints(max_length=MAX_CATEGORY_LENGTH)]
ClientId = Annotated[int, Strict(), Field(ge=1, lt=MAX_CLIENT_ID + 1, description="The client's SK_ID_CURR.")]
ApplicationId = Annotated[str, Strict(), StringConstraints(pattern=f"^{APPLICATION_ID}$")]


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
    cells: list[Sequence[Any]] = []
    rows: list[int] = []
    rejected: list[Rejection] = []
    for row, payload in enumerate(payloads):
        if payload is None or len(payload) > MAX_APPLICATION_BYTES:
            rejected.append(_oversize_or_empty(row, payload))
            continue
        try:
            read = read_well_formed(payload) or _judged(payload)
        except ValidationError as error:
            rejected.append(_rejection(row, payload, error))
            continue
        application_id, submitted_at, (client, *row_cells) = read
        arrived = int(received_ms[row])
        at = arrived if submitted_at is None else round(submitted_at.timestamp() * 1000)
        age_s = (arrived - at) / 1000
        if age_s > limits.max_age_s:
            rejected.append(_time_rejection(row, "submitted_too_long_ago", f"{age_s:.0f} s before its arrival"))
            continue
        if -age_s > limits.max_future_s:
            rejected.append(_time_rejection(row, "submitted_in_future", f"{-age_s:.0f} s after its arrival"))
            continue
        clients.append(client)
        cells.append(row_cells)
        ids.append(application_id or str(client))
        submitted.append(at)
        rows.append(row)
    batch = ApplicationBatch(
        ids,
        np.array(clients, dtype=np.int64),
        np.array(submitted, dtype=np.int64),
        encode_cells(cells),
    )
    return ParsedBatch(batch, np.array(rows, dtype=np.int64), rejected)


def _judged(payload: bytes) -> tuple[str | None, datetime | None, tuple[Any, ...]]:
    message = ApplicationMessage.model_validate_json(payload)
    return message.application_id, message.submitted_at, tuple(message.application.__dict__.values())


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
