"""One answer for each record read, without a broker."""

from __future__ import annotations

import threading

from pydantic_core import to_json

from credit.wire.audit import decode_audit
from streaming.batch.answer import answer
from streaming.batch.deciding import PatientDecider
from streaming.batch.intake import read_records
from streaming.batch.publish import Outputs, Publisher
from tests.fixtures.deciding import FakeGraph, FakeRecord, application


def records(count: int) -> list[FakeRecord]:
    return [FakeRecord(to_json(application(n)), offset=n, partition=n % 2) for n in range(count)]


def outputs_of(some: list[FakeRecord], graph: FakeGraph) -> Outputs:
    publisher = Publisher("decisions", "audit", "dlq", 10**6)
    return answer(read_records(some), PatientDecider(graph, 0.01), publisher, threading.Event())


def test_every_record_has_exactly_one_answer_and_the_audit_counts_them() -> None:
    """Good, bad, empty and key-only records: one output each, and ranges that add up."""
    some = records(20)
    some[3].value, some[7].value, some[8].value = b"{", None, b""
    outputs = outputs_of(some, FakeGraph())
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


def test_what_the_graph_cannot_decide_dies_with_its_own_record() -> None:
    """The dead letter of an application that breaks the graph holds that application's bytes and position."""
    graph = FakeGraph()
    graph.poison = {"app-0000005"}
    some = records(8)
    outputs = outputs_of(some, graph)
    (letter,) = [output for output in outputs.records if output.topic == "dlq"]
    headers = dict(letter.headers or [])
    assert (letter.value, headers["loanstream.error.code"]) == (some[5].value, b"undecidable")
    assert (headers["loanstream.source.partition"], headers["loanstream.source.offset"]) == (b"1", b"5")
    assert b"this application breaks the graph" in headers["loanstream.error.detail"]
    keys = [output.key for output in outputs.records if output.topic == "decisions"]
    assert keys == [f"app-{n:07d}".encode() for n in range(8) if n != 5]
