"""The outcome message."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from credit.wire.outcome import ObservedOutcome, OutcomeMessage, parse_outcome


def test_an_outcome_needs_an_application_and_what_became_of_it() -> None:
    """The decision and the moment may be left out; nothing else may."""
    bare = OutcomeMessage.model_validate({"application_id": "a", "defaulted": 1})
    assert (bare.decision_id, bare.observed_at, bare.schema_version) == (None, 0, 1)
    with pytest.raises(ValidationError):
        OutcomeMessage.model_validate({"application_id": "a"})


@pytest.mark.parametrize("change", [{"defaulted": 2}, {"schema_version": 2}, {"observed_at": "2026-01-01T00:00:00"}])
def test_what_is_not_an_outcome_is_refused(change: dict[str, object]) -> None:
    """Neither a third outcome, nor another version, nor a time without an offset."""
    with pytest.raises(ValidationError):
        OutcomeMessage.model_validate({"application_id": "a", "defaulted": 1} | change)


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"[]",
        b"{}",
        b'{"application_id":"1","defaulted":2}',
        b'{"application_id":"1","defaulted":1,"observed_at":"x"}',
        b'{"application_id":"1","defaulted":1,"observed_at":"2026-01-01T00:00:00"}',
    ],
)
def test_an_unreadable_outcome_says_so(value: bytes | None) -> None:
    """What is no outcome raises ValueError and nothing else."""
    with pytest.raises(ValueError, match=r"."):
        parse_outcome(value)


def test_an_outcome_is_read() -> None:
    """Times come as RFC 3339 or as milliseconds."""
    given = b'{"application_id": "A1", "decision_id": "d", "defaulted": 1, "observed_at": "2026-01-01T00:00:00Z"}'
    assert parse_outcome(given) == ObservedOutcome("A1", "d", 1, 1_767_225_600_000)
