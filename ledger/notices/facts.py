"""What a letter says, as facts: nothing in it depends on where a decision is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from credit.features.actionable import MoveName
from credit.reasons import MAX_REASONS

Cell = float | str | None


class CheckedChange(BaseModel):
    """Changes under which the application was decided again, and approved.

    before, after: the application's columns that differ, by name.
    """

    model_config = ConfigDict(frozen=True)

    moves: tuple[MoveName, ...] = Field(min_length=1)
    before: Mapping[str, float | None]
    after: Mapping[str, float | None]


class NoticeFacts(BaseModel):
    """One decision as its applicant is told of it."""

    model_config = ConfigDict(frozen=True)

    decision_id: str
    application_id: str
    applicant: tuple[str, ...] = Field(default=(), description="Name and address, a line each; empty for none on file.")
    outcome: Literal["approve", "refer", "decline"] = Field(description="The outcome that holds when the letter goes.")
    by_person: bool = Field(default=False, description="Whether a person decided in the end.")
    submitted_ms: int = Field(description="Milliseconds since the epoch, UTC.")
    decided_ms: int
    reasons: tuple[str, ...] = Field(max_length=MAX_REASONS, description="Codes of subjects, strongest first.")
    features: tuple[str, ...] = Field(description="Names of the features that the model read.")
    application: Mapping[str, Cell] = Field(description="The application's columns that are known, by name.")
    history: bool = Field(description="Whether anything was known of the client beyond the application.")
    searched: bool = Field(default=False, description="Whether changes within the applicant's reach were looked for.")
    change: CheckedChange | None = Field(default=None, description="The smallest that was found; None for none.")
