"""What is told of a search: the changes in words and in fields, the decision on them, or plainly that there is none."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from credit.application import FloatArray
from credit.features.actionable import MOST_CHANGES, MOVES, MoveName
from credit.schema import APPLICATION_COLUMNS, COLUMN_INDEX
from credit.wire.decision import DecisionMessage, ModelMessage

SearchStatus = Literal["found", "none_within_reach", "already_approved", "not_confirmed"]

_WORDS: dict[MoveName, str] = {
    "borrow_less": "Ask for a credit of {AMT_CREDIT}.",
    "pay_part_yourself": "Pay part of the price yourself and ask for a credit of {AMT_CREDIT}.",
    "longer_term": "Agree on a longer term, with payments of {AMT_ANNUITY}.",
    "shorter_term": "Agree on a shorter term, with payments of {AMT_ANNUITY}.",
    "prove_more_income": "Show proof of an income of {AMT_INCOME_TOTAL}.",
    "register_where_you_live": "Register your residence where you live.",
    "give_work_phone": "Give a phone number at your work.",
    "give_home_phone": "Give a phone number at your home.",
    "give_email": "Give an e-mail address.",
    "supply_document_3": "Supply document 3 of the list.",
    "supply_document_6": "Supply document 6 of the list.",
    "supply_document_8": "Supply document 8 of the list.",
}


class FieldChange(BaseModel):
    """One column of the application, before and after."""

    model_config = ConfigDict(frozen=True)

    field: str
    before: float | None = Field(description="Null where it was missing.")
    after: float | None


class PlannedChange(BaseModel):
    """One thing for the applicant to do, and the columns that it changes."""

    model_config = ConfigDict(frozen=True)

    move: MoveName
    words: str
    fields: tuple[FieldChange, ...]


class CounterfactualAnswer(BaseModel):
    """What would have changed the outcome. All decisions in it are simulations: nothing is kept."""

    model_config = ConfigDict(frozen=True)

    simulation: Literal[True] = True
    status: SearchStatus
    sentence: str = Field(description="The answer in words.")
    outcome: Literal["approve", "refer", "decline"] = Field(description="What the application gets as it stands.")
    probability_of_default: float = Field(description="Of the application as it stands.")
    threshold: float = Field(description="The probability of default that an approval must stay under.")
    changes: tuple[PlannedChange, ...] = ()
    cost: float | None = Field(default=None, description="Of all changes together; smaller is easier.")
    decided_again: bool = Field(default=False, description="Whether the changed application was decided and approved.")
    decision: DecisionMessage | None = Field(default=None, description="That decision.")
    model: ModelMessage
    plans_within_reach: int = Field(description="Plans that the constraints leave open to this applicant.")
    plans_scored: int


def planned_changes(moves: tuple[MoveName, ...], before: FloatArray, after: FloatArray) -> tuple[PlannedChange, ...]:
    """Return a plan in words and fields; before, after: float64[columns].

    A column that several moves changed stands with the first of them, as it is in the end.
    """
    columns = {move.name: move.columns for move in MOVES}
    told: set[str] = set()
    changes = []
    for move in moves:
        fields = []
        for name in columns[move]:
            was, becomes = float(before[COLUMN_INDEX[name]]), float(after[COLUMN_INDEX[name]])
            if was != becomes and not math.isnan(becomes) and name not in told:
                told.add(name)
                fields.append(FieldChange(field=name, before=None if math.isnan(was) else was, after=becomes))
        figures = {c.name: f"{after[i]:,.0f}" for i, c in enumerate(APPLICATION_COLUMNS) if not math.isnan(after[i])}
        changes.append(PlannedChange(move=move, words=_WORDS[move].format_map(figures), fields=tuple(fields)))
    return tuple(changes)


def sentence(status: SearchStatus, changes: tuple[PlannedChange, ...], within_reach: int) -> str:
    """Return the answer in words."""
    if status == "found":
        told = " ".join(change.words for change in changes)
        return f"{told} The application with these changes was decided again, and approved."
    if status == "already_approved":
        return "The application is approved as it stands: nothing needs to change."
    if status == "none_within_reach":
        return (
            f"No change within reach brings an approval: all {within_reach:,} plans of at most {MOST_CHANGES} changes "
            "that are open to this applicant were tried."
        )
    return "A plan was found, but the application with it was not approved when it was decided again: none is given."
