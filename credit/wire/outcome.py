"""The outcome message: what became of an application, as it comes in late on `loan-outcomes`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class ObservedOutcome:
    """What became of an application: `defaulted` 0 or 1, as observed at a time (milliseconds since the epoch)."""

    application_id: str
    decision_id: str | None
    defaulted: int
    observed_ms: int


def parse_outcome(value: bytes | None) -> ObservedOutcome:
    """Read one message of the outcomes topic; ValueError says what is wrong with it."""
    try:
        document = json.loads(value or b"")
        if document.get("schema_version", OUTCOME_VERSION) != OUTCOME_VERSION:
            raise ValueError(f"outcome version {document['schema_version']!r} is not known")
        defaulted = document["defaulted"]
        if defaulted not in (0, 1):
            raise ValueError(f"defaulted is {defaulted!r}, not 0 or 1")
        observed = document.get("observed_at", 0)
        if isinstance(observed, str):
            moment = datetime.fromisoformat(observed)
            if moment.tzinfo is None:
                raise ValueError("observed_at has no offset")
            observed = round(moment.timestamp() * 1000)
        decision = document.get("decision_id")
        return ObservedOutcome(
            str(document["application_id"]), None if decision is None else str(decision), int(defaulted), int(observed)
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an outcome: {error!r}") from None
