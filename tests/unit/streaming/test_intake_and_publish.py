"""From records to answers, without a broker."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from pydantic_core import to_json

from credit.wire.audit import SourceRange, decode_audit
from streaming.batch import intake as intake_module
from streaming.batch.answer import answer
from streaming.batch.deciding import PatientDecider
from streaming.batch.intake import read_records
from streaming.batch.publish import Publisher, source_ranges
from tests.fixtures.deciding import FakeGraph, FakeRecord, application


def records(count: int, **cells: object) -> list[FakeRecord]:
    return [FakeRecord(to_json(application(n, **cells)), offset=n, partition=n % 2) for n in range(count)]


def outputs_of(some: list[FakeRecord], graph: FakeGraph | None = None, max_bytes: int = 10**6):
    publisher = Publisher("decisions", "audit", "dlq", max_bytes)
    return answer(read_records(some), PatientDecider(graph or FakeGraph(), 0.01), publisher, threading.Event())


def test_every_record_has_exactly_one_answer_and_the_audit_counts_them() -> None:
    """Good, bad, empty and key-only records: one output each, and ranges that add up."""
    some = records(20)
    some[3].value, some[7].value, some[8].value = b"{", None, b""
    outputs = outputs_of(some)
    assert (outputs.decisions, outputs.dead_letters) == (17, 3)
    audits = [decode_audit(output.value or b"") for output in outputs.records if output.topic == "audit"]
    assert len(audits) == 1
    assert sum(last - first + 1 for _, _, first, last in audits[0].header["sources"]) == 20
    assert audits[0].header["rejected"] == 3
    letters = [output for output in outputs.records if output.topic == "dlq"]
    assert {dict(letter.headers or [])["loanstream.source.offset"] for letter in letters} == {b"3", b"7", b"8"}
    assert all(letter.value is not None or letter.key is not None for letter in letters)


def test_a_poll_of_nothing_but_poison_needs_no_graph() -> None:
    """All records bad: the graph is not asked, and an audit record names the offsets all the same."""
    graph = FakeGraph()
    outputs = outputs_of([FakeRecord(b"{", offset=n) for n in range(3)], graph)
    assert (outputs.decisions, outputs.dead_letters, graph.calls) == (0, 3, [])
    (audit,) = [decode_audit(output.value or b"") for output in outputs.records if output.topic == "audit"]
    assert (audit.header["sources"], audit.header["rejected"]) == ([["applications", 0, 0, 2]], 3)


def test_an_audit_record_too_large_is_split_and_still_adds_up() -> None:
    """Whatever the limit, no record is over it, and each offset is in one audit record."""
    some = records(64)
    some[5].value = b"bad"
    whole = next(output for output in outputs_of(some).records if output.topic == "audit")
    limit = len(whole.value or b"") * 2 // 3
    outputs = outputs_of(some, max_bytes=limit)
    audits = [output for output in outputs.records if output.topic == "audit"]
    assert len(audits) > 1
    assert all(output.size <= limit for output in outputs.records)
    decoded = [decode_audit(audit.value or b"") for audit in audits]
    spans = [(p, o) for audit in decoded for _, p, a, b in audit.header["sources"] for o in range(a, b + 1)]
    assert sorted(spans) == sorted((r.partition, r.offset) for r in some)
    assert sum(audit.header["rejected"] for audit in decoded) == 1


def test_a_decision_too_large_to_write_becomes_a_dead_letter() -> None:
    """Checked before it is sent: its application dies with the reason, the others are decided."""
    some = records(5)
    some[2].value = to_json(application(2) | {"application_id": "x" * 64})
    outputs = outputs_of(some, max_bytes=600)
    decisions = [output for output in outputs.records if output.topic == "decisions"]
    assert (len(decisions), outputs.decisions, outputs.dead_letters) == (4, 4, 1)
    (letter,) = [output for output in outputs.records if output.topic == "dlq"]
    assert dict(letter.headers or [])["loanstream.error.code"] == b"oversize_output"


@pytest.mark.parametrize("forged", [b"x" * 900_000, b"0:1 and more", b"", b"\xff:1", b"1:" + b"9" * 50])
def test_a_header_that_is_no_link_is_not_repeated(forged: bytes) -> None:
    """A sender's own bytes in the name of our link neither swell a decision beyond what brokers take nor mislead."""
    some = records(2)
    some[0].headers = [("loanstream.retry.of", forged)]
    some[1].value = b"{"
    some[1].headers = [("loanstream.retry.of", forged)]
    outputs = outputs_of(some)
    (decision,) = [output for output in outputs.records if output.topic == "decisions"]
    (letter,) = [output for output in outputs.records if output.topic == "dlq"]
    assert decision.headers is None
    assert "loanstream.retry.of" not in dict(letter.headers or [])
    assert all(output.size < 10_000 for output in outputs.records)


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


@pytest.mark.parametrize(
    ("days", "code"), [(2, "submitted_in_future"), (-8, "submitted_too_long_ago"), (-6, None), (0, None)]
)
def test_records_from_the_future_and_the_past_are_dead_letters(days: int, code: str | None) -> None:
    """Two days ahead or eight back is no submission, six days of waiting are; the others beside it are decided."""
    some = records(3)
    at = datetime.now(UTC) + timedelta(days=days)
    some[1].value = to_json(application(1) | {"submitted_at": at.isoformat()})
    outputs = outputs_of(some)
    letters = [output for output in outputs.records if output.topic == "dlq"]
    assert [dict(x.headers or [])["loanstream.error.code"].decode() for x in letters] == ([code] if code else [])
    assert outputs.decisions == 3 - len(letters)


def test_a_dead_letter_too_large_is_cut_and_says_so() -> None:
    """What no broker would take keeps its start, its size and its source position."""
    big = FakeRecord(b"x" * 200_000, offset=9, headers=[("trace", b"1")])
    outputs = outputs_of([big], max_bytes=70_000)
    (letter,) = [output for output in outputs.records if output.topic == "dlq"]
    headers = dict(letter.headers or [])
    assert letter.size <= 70_000
    assert (headers["loanstream.truncated.from"], headers["loanstream.source.offset"]) == (b"200000", b"9")


def test_original_headers_are_kept_and_ours_cannot_be_forged() -> None:
    """A sender's own `loanstream.` headers do not survive into a dead letter."""
    record = FakeRecord(b"{", offset=4, headers=[("trace", b"1"), ("loanstream.source.offset", b"0")])
    (letter,) = [output for output in outputs_of([record]).records if output.topic == "dlq"]
    assert [value for name, value in letter.headers or [] if name == "loanstream.source.offset"] == [b"4"]
    assert ("trace", b"1") in (letter.headers or [])


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


def test_ranges_hold_exactly_the_offsets_read() -> None:
    """A hole between two records (a transaction's marker) begins a new range."""
    some = [FakeRecord(b"", offset=o, partition=p) for p, o in [(1, 5), (0, 1), (0, 2), (0, 4)]]
    assert source_ranges(some) == [
        SourceRange("applications", 0, 1, 2),
        SourceRange("applications", 0, 4, 4),
        SourceRange("applications", 1, 5, 5),
    ]
