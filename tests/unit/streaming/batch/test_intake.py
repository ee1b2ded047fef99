"""From the bytes of a poll to applications or dead letters."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from pydantic_core import to_json

from streaming.batch import intake as intake_module
from streaming.batch.intake import read_records
from tests.fixtures.deciding import FakeRecord, application


def records(count: int) -> list[FakeRecord]:
    return [FakeRecord(to_json(application(n)), offset=n, partition=n % 2) for n in range(count)]


def test_a_retry_is_not_too_old_because_it_came_late() -> None:
    """Retried after a month, an application is judged as of its first arrival; one that was too old then, still is."""
    now = int(time.time() * 1000)
    month_ago = now - 30 * 86_400_000
    submitted = datetime.fromtimestamp(month_ago / 1000, UTC).isoformat()
    link = ("loanstream.retry.of", b"0:7")
    value = to_json(application(1) | {"submitted_at": submitted})

    def codes(*headers: tuple[str, bytes]) -> list[str]:
        read = read_records(
            [*records(1), FakeRecord(value, offset=5, headers=list(headers)), FakeRecord(b"{", offset=6)]
        )
        assert len(read.batch) == len(read.accepted)
        assert read.batch.application_ids == [f"app-{n:07d}" for n in range(len(read.batch))]
        return [letter.code for letter in read.dead]

    assert codes(link, ("loanstream.retry.arrived", str(month_ago + 60_000).encode())) == ["not_json"]
    assert codes(link, ("loanstream.retry.arrived", str(now).encode())) == ["not_json", "submitted_too_long_ago"]
    assert codes(link) == ["not_json", "submitted_too_long_ago"]
    assert codes() == ["submitted_too_long_ago", "not_json"]


def test_a_fault_in_reading_one_message_kills_that_message_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where reading raises what it should not, records are read one by one and the culprit dies."""
    real = intake_module.parse_applications

    def breaks(payloads, received_ms, limits=None):
        if b"evil" in payloads:
            raise RecursionError("too deep")
        return real(payloads, received_ms, limits)

    monkeypatch.setattr(intake_module, "parse_applications", breaks)
    read = read_records([*records(3), FakeRecord(b"evil", offset=3), FakeRecord(b"{", offset=4)])
    assert len(read.batch) == len(read.accepted) == 3
    assert [(letter.code, letter.record.offset) for letter in read.dead] == [("unreadable", 3), ("not_json", 4)]


def test_a_record_without_a_time_has_arrived_now() -> None:
    """A producer's senseless timestamp (-1, or the year 9999) is not taken for the time of arrival."""
    some = records(2)
    some[0].timestamp, some[1].timestamp = -1, 253_402_300_799_000
    read = read_records(some)
    assert abs(read.batch.submitted_ms - time.time() * 1000).max() < 5000


@pytest.mark.parametrize(
    ("days", "code"), [(2, "submitted_in_future"), (-8, "submitted_too_long_ago"), (-6, None), (0, None)]
)
def test_records_from_the_future_and_the_past_are_dead_letters(days: int, code: str | None) -> None:
    """Two days ahead or eight back is no submission, six days of waiting are; the others beside it are decided."""
    some = records(3)
    at = datetime.now(UTC) + timedelta(days=days)
    some[1].value = to_json(application(1) | {"submitted_at": at.isoformat()})
    read = read_records(some)
    assert [letter.code for letter in read.dead] == ([code] if code else [])
    assert len(read.batch) == 3 - len(read.dead)
