"""Messages of the outcomes topic."""

from __future__ import annotations

import pytest

from monitoring.outcomes.observed import ObservedOutcome, parse_outcome


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
