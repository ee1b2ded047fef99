"""What a person decided on a decision, as it stands on `loan-reviews`; nothing in it names the client."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, Field

REVIEW_VERSION: Final = 1


class ReviewMessage(BaseModel):
    """The final outcome of a reviewed decision; the decision itself stays as it was on `loan-decisions`."""

    schema_version: Literal[1] = REVIEW_VERSION
    event_no: int = Field(ge=1, description="Counts up by one; a consumer that has seen it can drop a repeat.")
    review_id: str
    decision_id: str
    cause: Literal["referral", "contest", "sample"] = Field(description="Why a person looked at it.")
    outcome: Literal["approve", "refer", "decline"] = Field(description="What the model had decided.")
    verdict: Literal["uphold", "overturn"]
    final_outcome: Literal["approve", "decline"]
    reason: str = Field(description="Code of the reviewer's reason, such as documents_shown.")
    reviewed_by: str = Field(description="Name of the key that closed the review.")
    proposed_by: str | None = Field(default=None, description="Who proposed it, where two persons had to look.")
    reviewed_at: int = Field(description="Milliseconds since the epoch, UTC.")
