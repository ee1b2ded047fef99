"""Rows of the review queue."""

from __future__ import annotations

from desk.client.reviews import DeskReview
from desk.parts.queue import row_label

REVIEW = DeskReview(
    review_id="5d1e",
    decision_id="0b9e31f4-7c1d-5a5b-9d0a-2f8f0a5d6c11",
    cause="contest",
    state="taken",
    outcome="decline",
    assignee="mira",
    opened_at=0,
    due_at=0,
    verdict=None,
    final_outcome=None,
    reason=None,
    proposed_by=None,
    closed_by=None,
    closed_at=None,
)


def test_a_row_says_who_has_it_and_which_decision_it_is_of() -> None:
    """Rows of one cause and day can be told apart, and nobody takes what another has."""
    said = row_label(REVIEW)
    assert said.startswith("**Declined** · the applicant contests · overdue")
    assert said.endswith("· mira · 0b9e31f4")


def test_nobody_has_an_open_review() -> None:
    assert "mira" not in row_label(REVIEW.model_copy(update={"state": "open", "assignee": None}))
