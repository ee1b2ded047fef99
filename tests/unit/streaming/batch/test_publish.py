"""What a micro-batch writes: its size, its ranges, its headers."""

from __future__ import annotations

import threading

import pytest
from pydantic_core import to_json

from credit.wire.audit import SourceRange, decode_audit
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


def test_ranges_hold_exactly_the_offsets_read() -> None:
    """A hole between two records (a transaction's marker) begins a new range."""
    some = [FakeRecord(b"", offset=o, partition=p) for p, o in [(1, 5), (0, 1), (0, 2), (0, 4)]]
    assert source_ranges(some) == [
        SourceRange("applications", 0, 1, 2),
        SourceRange("applications", 0, 4, 4),
        SourceRange("applications", 1, 5, 5),
    ]
