"""What became of an application, as the outcomes topic tells it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from credit.wire.outcome import OUTCOME_VERSION


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
