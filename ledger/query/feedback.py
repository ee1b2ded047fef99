"""What people said of decisions, for those who look after the model."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, or_, select

from ledger.errors import Erased, InvalidRequest
from ledger.store import tables
from ledger.store.sealing import Vault


@dataclass(frozen=True, slots=True)
class Feedback:
    """One remark; comment None where there is none, or where the client's key was destroyed."""

    feedback_id: str
    decision_id: str
    at_ms: int
    actor: str
    kind: str
    comment: str | None
    outcome: int
    model_version: str


@dataclass(frozen=True, slots=True)
class FeedbackFilter:
    """Which remarks: of a kind, on decisions of a model version; None for all."""

    kind: str | None = None
    model_version: str | None = None


def feedback_page(
    connection: Connection, vault: Vault, wanted: FeedbackFilter, after: str | None, limit: int
) -> list[Feedback]:
    """Return remarks, newest first, from behind the one that `after` names (`place_of`); raises InvalidRequest."""
    f, r, d, m = tables.feedback.c, tables.register.c, tables.decisions.c, tables.models.c
    of_decision = and_(d.decided_ms == r.decided_ms, d.seq == r.seq)
    joined = (
        tables.feedback.join(tables.register, r.decision_id == f.decision_id)
        .join(tables.decisions, of_decision)
        .join(tables.models, m.model_id == d.model_id)
    )
    statement = select(tables.feedback, d.client, d.outcome, m.version).select_from(joined)
    if wanted.kind is not None:
        statement = statement.where(f.kind == wanted.kind)
    if wanted.model_version is not None:
        statement = statement.where(m.version == wanted.model_version)
    if after is not None:
        at_ms, feedback_id = _read(after)
        statement = statement.where(or_(f.at_ms < at_ms, and_(f.at_ms == at_ms, f.feedback_id < feedback_id)))
    rows = connection.execute(statement.order_by(f.at_ms.desc(), f.feedback_id.desc()).limit(limit)).all()
    return [
        Feedback(
            row.feedback_id,
            row.decision_id,
            row.at_ms,
            row.actor,
            row.kind,
            opened_comment(vault, row.client, row.decision_id, row.sealed),
            row.outcome,
            row.version,
        )
        for row in rows
    ]


def place_of(remark: Feedback) -> str:
    """Return the word that names a remark's place in the list."""
    return f"{remark.at_ms}.{remark.feedback_id}"


def opened_comment(vault: Vault, client: bytes, decision_id: str, sealed: bytes | None) -> str | None:
    """Return what was written, None where nothing was or the client's key was destroyed."""
    try:
        return None if sealed is None else vault.open(client, sealed, decision_id.encode()).decode()
    except Erased:
        return None


def _read(after: str) -> tuple[int, str]:
    at_ms, _, feedback_id = after.partition(".")
    if not at_ms.isdecimal() or not feedback_id:
        raise InvalidRequest("after", "it is not `next` of a page of feedback")
    return int(at_ms), feedback_id
