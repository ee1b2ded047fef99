"""The queue of reviews, and what a person does with one."""

from __future__ import annotations

from typing import Literal

from desk.client.base import AnswerModel, DeskApi, Query

OutcomeName = Literal["approve", "refer", "decline"]
VerdictName = Literal["uphold", "overturn"]


class DeskReview(AnswerModel):
    """A review without what was said on it."""

    review_id: str
    decision_id: str
    cause: str
    state: Literal["open", "taken", "proposed", "closed"]
    outcome: OutcomeName
    assignee: str | None
    opened_at: int
    due_at: int
    verdict: VerdictName | None
    final_outcome: OutcomeName | None
    reason: str | None
    proposed_by: str | None
    closed_by: str | None
    closed_at: int | None


class DeskReviews(AnswerModel):
    """A page of reviews, those due first at the top."""

    reviews: list[DeskReview]
    next: str | None = None


class ReviewStep(AnswerModel):
    """One act on a review."""

    at: int
    by: str
    kind: str
    detail: str
    text: str | None


class DeskReviewAttachment(AnswerModel):
    """A file of a review."""

    file_id: str
    name: str | None
    media_type: str
    size: int
    at: int
    by: str


class DeskReviewFile(DeskReview):
    """A review with what was said on it, and what each verdict would lead to."""

    sk_id_curr: int | None
    application_id: str | None
    amount: float | None
    if_upheld: OutcomeName
    if_overturned: OutcomeName
    events: list[ReviewStep]
    files: list[DeskReviewAttachment]


class VerdictReason(AnswerModel):
    """A reason that a reviewer may give."""

    code: str
    verdict: VerdictName
    text: str


class ReviewClient:
    """Asks for reviews and acts on them."""

    def __init__(self, api: DeskApi) -> None:
        self._api = api

    def queue(self, filters: Query, after: str | None = None, limit: int = 25) -> DeskReviews:
        """Return a page of the queue."""
        return self._api.get("/v1/reviews", DeskReviews, {**filters, "limit": limit, "after": after})

    def review(self, review_id: str) -> DeskReviewFile:
        """Return one review, whole."""
        return self._api.get(f"/v1/reviews/{review_id}", DeskReviewFile)

    def reasons(self) -> list[VerdictReason]:
        """Return the reasons that a reviewer may give."""
        return self._api.get("/v1/review-reasons", list[VerdictReason])

    def act(self, review_id: str, act: Literal["take", "release"]) -> DeskReview:
        """Take a review, or put it back."""
        return self._api.post(f"/v1/reviews/{review_id}/{act}", DeskReview)

    def comment(self, review_id: str, text: str) -> DeskReview:
        """Say something on a review."""
        return self._api.post(f"/v1/reviews/{review_id}/comment", DeskReview, {"text": text})

    def decide(self, review_id: str, verdict: VerdictName, reason: str, text: str) -> DeskReview:
        """Uphold or overturn; a large amount then waits for a second person."""
        body = {"verdict": verdict, "reason": reason, "text": text or None}
        return self._api.post(f"/v1/reviews/{review_id}/decide", DeskReview, body)

    def answer(self, review_id: str, act: Literal["confirm", "send-back"], text: str) -> DeskReview:
        """Confirm another person's proposal, or send it back."""
        return self._api.post(f"/v1/reviews/{review_id}/{act}", DeskReview, {"text": text or None})

    def attach(self, review_id: str, name: str, media_type: str, content: bytes) -> None:
        """Attach a file."""
        self._api.send(
            "POST", f"/v1/reviews/{review_id}/files", query={"name": name}, content=content, media_type=media_type
        )

    def file(self, review_id: str, file_id: str) -> bytes:
        """Return the content of a file."""
        return self._api.send("GET", f"/v1/reviews/{review_id}/files/{file_id}").content
