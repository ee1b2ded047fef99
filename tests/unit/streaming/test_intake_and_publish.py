"""From records to answers, without a broker."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import pytest
from pydantic_core import to_json

from credit.audit import SourceRange, decode_audit
from streaming import intake as intake_module
from streaming.answer import answer
from streaming.deciding import PatientDecider
from streaming.intake import read_records
from streaming.publish import Publisher, source_ranges
from tests.fixtures.deciding import FakeGraph, application


@dataclass
class FakeRecord:
    value: bytes | None
    offset: int = 0
    partition: int = 0
    topic: str = "applications"
    timestamp: int = field(default_factory=lambda: int(time.time() * 1000))
    key: bytes | None = None
    headers: list[tuple[str, bytes]] = field(default_factory=list)


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
    some[2].headers = [("loanstream.retry.of", b"x" * 2000)]
    outputs = outputs_of(some, max_bytes=1900)
    decisions = [output for output in outputs.records if output.topic == "decisions"]
    assert (len(decisions), outputs.decisions, outputs.dead_letters) == (4, 4, 1)
    (letter,) = [output for output in outputs.records if output.topic == "dlq"]
    assert dict(letter.headers or [])["loanstream.error.code"] == b"oversize_output"


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
