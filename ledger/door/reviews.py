"""The routes of the queue of reviews."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from ledger.door.asking import MOST, Parts, Reviewer, identifier
from ledger.door.models import (
    PLAIN,
    AssignRequest,
    CauseWord,
    ListedReason,
    Made,
    OptionalTextRequest,
    ReviewDetail,
    ReviewList,
    ReviewSummary,
    StateWord,
    TextRequest,
    VerdictRequest,
)
from ledger.door.words import review_detail, review_summary
from ledger.errors import InvalidRequest
from ledger.review.queue import QueueFilter
from ledger.review.reasons import REVIEW_REASONS
from ledger.review.states import Cause, ReviewState

_AFTER = re.compile(r"(\d{1,15})\.([0-9a-f-]{36})")


def review_routes() -> APIRouter:
    """Return the routes under /v1/reviews."""
    routes = APIRouter(tags=["reviews"])

    @routes.get("/v1/reviews", response_model=ReviewList)
    def reviews(
        parts: Parts,
        _: Reviewer,
        state: Annotated[StateWord | None, Query()] = None,
        cause: Annotated[CauseWord | None, Query()] = None,
        assignee: Annotated[str | None, Query(max_length=100, pattern=PLAIN)] = None,
        decision_id: Annotated[str | None, Query()] = None,
        due_before: Annotated[int | None, Query(description="Not closed and due before, ms.", ge=0, le=MOST)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        after: Annotated[str | None, Query(description="`next` of the page before.", max_length=60)] = None,
    ) -> ReviewList:
        """Return reviews, those due first at the top, a page at a time."""
        wanted = QueueFilter(
            None if state is None else ReviewState(state),
            None if cause is None else Cause(cause),
            assignee,
            None if decision_id is None else identifier(decision_id),
            due_before,
        )
        rows = parts.queue.listed(wanted, _seen(after), limit)
        following = f"{rows[-1].due_ms}.{rows[-1].review_id}" if len(rows) == limit else None
        return ReviewList(reviews=[review_summary(row) for row in rows], next=following)

    @routes.get("/v1/review-reasons", response_model=list[ListedReason])
    def reasons(_: Reviewer) -> list[ListedReason]:
        """Return the reasons that a reviewer may give."""
        return [ListedReason(code=r.code, verdict=r.verdict, text=r.text) for r in REVIEW_REASONS.values()]

    @routes.get("/v1/reviews/{review_id}", response_model=ReviewDetail)
    def review(parts: Parts, actor: Reviewer, review_id: str) -> ReviewDetail:
        """Return a review with what was said on it; the access to the client's data is logged."""
        folder = parts.queue.folder(identifier(review_id))
        parts.access.note(actor, "review", folder.row.client, folder.row.decision_id)
        return review_detail(folder)

    @routes.post("/v1/reviews/{review_id}/take", response_model=ReviewSummary)
    def take(parts: Parts, actor: Reviewer, review_id: str) -> ReviewSummary:
        """Take an open review; 409 where somebody has it."""
        return review_summary(parts.queue.take(identifier(review_id), actor))

    @routes.post("/v1/reviews/{review_id}/release", response_model=ReviewSummary)
    def release(parts: Parts, actor: Reviewer, review_id: str) -> ReviewSummary:
        """Put a taken review back."""
        return review_summary(parts.queue.release(identifier(review_id), actor))

    @routes.post("/v1/reviews/{review_id}/assign", response_model=ReviewSummary)
    def assign(parts: Parts, actor: Reviewer, review_id: str, body: AssignRequest) -> ReviewSummary:
        """Give a review to somebody; a lead may."""
        return review_summary(parts.queue.assign(identifier(review_id), actor, body.to))

    @routes.post("/v1/reviews/{review_id}/comment", response_model=ReviewSummary)
    def comment(parts: Parts, actor: Reviewer, review_id: str, body: TextRequest) -> ReviewSummary:
        """Say something on a review."""
        return review_summary(parts.queue.comment(identifier(review_id), actor, body.text))

    @routes.post("/v1/reviews/{review_id}/decide", response_model=ReviewSummary)
    def decide(parts: Parts, actor: Reviewer, review_id: str, body: VerdictRequest) -> ReviewSummary:
        """Uphold or overturn a review that the caller has taken; a large amount waits for a second person."""
        row = parts.queue.decide(identifier(review_id), actor, body.verdict, body.reason, body.text)
        return review_summary(row)

    @routes.post("/v1/reviews/{review_id}/confirm", response_model=ReviewSummary)
    def confirm(parts: Parts, actor: Reviewer, review_id: str, body: OptionalTextRequest) -> ReviewSummary:
        """Confirm another person's proposal."""
        return review_summary(parts.queue.confirm(identifier(review_id), actor, body.text))

    @routes.post("/v1/reviews/{review_id}/send-back", response_model=ReviewSummary)
    def send_back(parts: Parts, actor: Reviewer, review_id: str, body: OptionalTextRequest) -> ReviewSummary:
        """Refuse another person's proposal: it goes back to its author."""
        return review_summary(parts.queue.send_back(identifier(review_id), actor, body.text))

    @routes.post("/v1/reviews/{review_id}/files", status_code=201, response_model=Made, openapi_extra=_ANY_FILE)
    async def attach(
        request: Request,
        parts: Parts,
        actor: Reviewer,
        review_id: str,
        name: Annotated[str, Query(min_length=1, max_length=100, description="The file's name.")],
    ) -> Made:
        """Attach a file, sent as the body, to a review that is not closed."""
        content = await _body(request, parts.queue.rules.max_file_bytes)
        media_type = request.headers.get("content-type", "application/octet-stream")
        number = identifier(review_id)
        return Made(id=await run_in_threadpool(parts.queue.attach, number, actor, name, media_type, content))

    @routes.get("/v1/reviews/{review_id}/files/{file_id}", response_class=Response)
    def file(parts: Parts, actor: Reviewer, review_id: str, file_id: str) -> Response:
        """Return a file of a review; always as a download, whatever it is. The access is logged."""
        number = identifier(review_id)
        name, _, content = parts.queue.file(number, identifier(file_id))
        folder = parts.queue.folder(number)
        parts.access.note(actor, "file", folder.row.client, folder.row.decision_id, file_id)
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
        }
        # What somebody uploaded is never shown by a browser as a page of ours.
        return Response(content, media_type="application/octet-stream", headers=headers)

    return routes


_ANY_FILE = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def _body(request: Request, most: int) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise InvalidRequest("file", f"a file has at most {most:,} bytes")
        parts.append(part)
    return b"".join(parts)


def _seen(after: str | None) -> tuple[int, str] | None:
    if after is None:
        return None
    found = _AFTER.fullmatch(after)
    if found is None:
        raise InvalidRequest("after", "this is no cursor; hand back `next` of an answer as it is")
    return int(found[1]), found[2]
