"""The outcome message: what became of an application, as it comes in late on `loan-outcomes`."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, Field

OUTCOME_VERSION: Final = 1


class OutcomeMessage(BaseModel):
    """What became of an application: one observation, repeated whenever it is known better."""

    schema_version: Literal[1] = OUTCOME_VERSION
    application_id: str
    decision_id: str | None = Field(default=None, description="The decision that is judged; any of them if absent.")
    defaulted: Literal[0, 1]
    observed_at: AwareDatetime | int = Field(
        default=0, description="RFC 3339 with an offset, or milliseconds since the epoch."
    )
