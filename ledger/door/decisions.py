"""The routes that find decisions, tell all of one, and take what people say of it."""

from __future__ import annotations

import uuid
from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection, select

from ledger.door.asking import MOST, Asked, Auditor, LedgerParts, Parts, Reader, identifier
from ledger.door.export import MEDIA_TYPES, ExportFormat, export
from ledger.door.models import (
    AccessEntry,
    AccessList,
    ContestRequest,
    DecisionList,
    DecisionReceipt,
    FeedbackEntry,
    FeedbackKind,
    FeedbackList,
    FeedbackRequest,
    ListedFeedback,
    LookRequest,
    Made,
    OutcomeWord,
    ReviewSummary,
    StoredDecision,
)
from ledger.door.words import decision_line, receipt_document, review_summary
from ledger.query.cursor import Cursor
from ledger.query.feedback import FeedbackFilter, feedback_page, opened_comment, place_of
from ledger.query.receipt import find_row, read_receipt
from ledger.query.search import DecisionFilter, page
from ledger.review.actor import Actor
from ledger.store import tables
from ledger.store.bulk import insert_all
from ledger.store.codes import OUTCOME_WORDS
from ledger.store.engine import now_ms, reading, writing
from ledger.store.sealing import Vault

Limit = Annotated[int, Query(description="Most decisions of a page.", ge=1, le=500)]
After = Annotated[str | None, Query(description="`next` of the page before.", max_length=40)]


def decision_routes() -> APIRouter:
    """Return the routes under /v1/decisions, /v1/clients, /v1/feedback and /v1/accesses."""
    routes = APIRouter(tags=["ledger"])

    @routes.get("/v1/decisions", response_model=DecisionList)
    def decisions(parts: Parts, actor: Reader, wanted: Asked, limit: Limit = 50, after: After = None) -> Response:
        """Return stored decisions under filters, newest first, a page at a time."""
        if wanted.client is not None:
            parts.access.note(actor, "list", wanted.client, None)
        return _page(parts, wanted, limit, after)

    @routes.get("/v1/decisions/export", response_class=StreamingResponse)
    def exported(
        parts: Parts, actor: Auditor, wanted: Asked, kind: Annotated[ExportFormat, Query(alias="format")] = "csv"
    ) -> StreamingResponse:
        """Stream all decisions under the same filters as CSV, JSON lines or Parquet."""
        parts.access.note(actor, "export", wanted.client, None, kind)
        name = {"Content-Disposition": f'attachment; filename="decisions.{kind}"'}
        return StreamingResponse(export(parts.engine, wanted, kind), media_type=MEDIA_TYPES[kind], headers=name)

    @routes.get("/v1/decisions/{decision_id}", response_model=DecisionReceipt)
    def receipt(parts: Parts, actor: Reader, decision_id: str) -> Response:
        """Return the whole receipt of a decision; the access is logged."""
        number = identifier(decision_id)
        with reading(parts.engine) as connection:
            found = read_receipt(connection, parts.vault, number)
            told = _feedback(connection, parts.vault, found.row.client, number)
        parts.access.note(actor, "receipt", found.row.client, number)
        return Response(receipt_document(found, told).model_dump_json(), media_type="application/json")

    @routes.get("/v1/clients/{sk_id_curr}/decisions", response_model=DecisionList)
    def of_client(
        parts: Parts,
        actor: Reader,
        sk_id_curr: Annotated[int, Path(ge=1, le=MOST)],
        limit: Limit = 50,
        after: After = None,
    ) -> Response:
        """Return a client's decisions, newest first; the access is logged."""
        client = parts.vault.lookup("client", str(sk_id_curr))
        parts.access.note(actor, "list", client, None)
        return _page(parts, DecisionFilter(client=client), limit, after)

    @routes.post("/v1/decisions/{decision_id}/feedback", status_code=201, response_model=Made)
    def feedback(parts: Parts, actor: Reader, decision_id: str, body: FeedbackRequest) -> Made:
        """Say that a prediction was wrong, or comment on it."""
        number, made = identifier(decision_id), str(uuid.uuid4())
        with reading(parts.engine) as connection:
            row = find_row(connection, number)
        sealed = None
        if body.comment:
            (sealed,) = parts.vault.seal([row.client], [body.comment.encode()], [number.encode()])
        with writing(parts.engine, alone=False) as connection:
            insert_all(connection, tables.feedback, [(made, number, now_ms(), actor.name, body.kind, sealed)])
        return Made(id=made)

    @routes.get("/v1/feedback", response_model=FeedbackList)
    def all_feedback(
        parts: Parts,
        actor: Auditor,
        kind: FeedbackKind | None = None,
        model_version: Annotated[str | None, Query(max_length=64)] = None,
        limit: Limit = 50,
        after: Annotated[str | None, Query(description="`next` of the page before.", max_length=64)] = None,
    ) -> FeedbackList:
        """Return what people said of decisions, newest first; the access is logged."""
        wanted = FeedbackFilter(kind, model_version)
        with reading(parts.engine) as connection:
            found = feedback_page(connection, parts.vault, wanted, after, limit)
        parts.access.note(actor, "feedback", None, None)
        listed = [
            ListedFeedback(
                decision_id=one.decision_id,
                at=one.at_ms,
                by=one.actor,
                kind=cast(FeedbackKind, one.kind),
                comment=one.comment,
                outcome=cast(OutcomeWord, OUTCOME_WORDS[one.outcome]),
                model_version=one.model_version,
            )
            for one in found
        ]
        return FeedbackList(feedback=listed, next=place_of(found[-1]) if len(found) == limit else None)

    @routes.post("/v1/decisions/{decision_id}/contest", status_code=201, response_model=ReviewSummary)
    def contest(parts: Parts, actor: Reader, decision_id: str, body: ContestRequest) -> ReviewSummary:
        """Open a review of a decision for its applicant, with the applicant's own point of view."""
        return review_summary(parts.queue.contest(identifier(decision_id), actor, body.statement))

    @routes.post("/v1/accesses", status_code=204, response_class=Response)
    async def look(request: Request, parts: Parts, body: LookRequest) -> None:
        """Note that the caller looks at a client's data through the deciding door, which asks for this by itself."""
        actor = await parts.actor_of(request)
        await run_in_threadpool(_note_look, parts, actor, body)

    @routes.get("/v1/accesses", response_model=AccessList)
    def accesses(
        parts: Parts,
        actor: Auditor,
        client: Annotated[int | None, Query(ge=1, le=MOST)] = None,
        limit: Limit = 50,
        before: Annotated[int | None, Query(description="`next` of the page before.", ge=0, le=MOST)] = None,
    ) -> AccessList:
        """Return who looked at clients' data, newest first; looking here is logged as well."""
        hashed = None if client is None else parts.vault.lookup("client", str(client))
        rows = parts.access.read(hashed, before, limit)
        parts.access.note(actor, "accesses", hashed, None)
        listed = [
            AccessEntry(
                access_id=r.access_id,
                at=r.at_ms,
                by=r.actor,
                action=r.action,
                decision_id=r.decision_id,
                detail=r.detail,
            )
            for r in rows
        ]
        return AccessList(accesses=listed, next=rows[-1].access_id if len(rows) == limit else None)

    return routes


def _note_look(parts: LedgerParts, actor: Actor, look: LookRequest) -> None:
    parts.access.note(actor, look.action, parts.vault.lookup("client", str(look.sk_id_curr)), None)


def _page(parts: LedgerParts, wanted: DecisionFilter, limit: int, after: str | None) -> Response:
    m = tables.models.c
    with reading(parts.engine) as connection:
        found = page(connection, wanted, None if after is None else Cursor.read(after), limit)
        versions = {row.model_id: row.version for row in connection.execute(select(m.model_id, m.version))}
    lines = [StoredDecision.model_validate(decision_line(row, versions)) for row in found.rows]
    told = DecisionList(decisions=lines, next=None if found.after is None else found.after.word)
    # As text: FastAPI would check every line once more, which took a third of the answer's time.
    return Response(told.model_dump_json(), media_type="application/json")


def _feedback(connection: Connection, vault: Vault, client: bytes, decision_id: str) -> list[FeedbackEntry]:
    f = tables.feedback.c
    rows = connection.execute(select(tables.feedback).where(f.decision_id == decision_id).order_by(f.at_ms)).all()
    return [
        FeedbackEntry(at=r.at_ms, by=r.actor, kind=r.kind, comment=opened_comment(vault, client, decision_id, r.sealed))
        for r in rows
    ]
