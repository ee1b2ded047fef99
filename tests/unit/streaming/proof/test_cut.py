"""One consistent cut, over topics in memory."""

from __future__ import annotations

import threading

from streaming.batch.answer import answer
from streaming.batch.deciding import PatientDecider
from streaming.batch.intake import read_records
from streaming.batch.publish import Publisher
from streaming.proof.cut import read_cut
from streaming.settings import StreamingSettings
from tests.fixtures.deciding import FakeGraph
from tests.unit.streaming.proof.conftest import Stream

S = StreamingSettings()


def test_other_streams_and_doors_are_no_part_of_the_cut(stream: Stream) -> None:
    """Dead letters of another topic, and audit records of the HTTP door."""
    stream.fill(2)
    stream.decide(0, 2)
    stream.topics.add(S.dead_letters_topic, b"{", [("loanstream.source.topic", b"else")])
    publisher = Publisher("else-out", S.audit_topic, "else-dlq", 10**6, door="http")
    records = stream.topics.records[S.applications_topic]
    outputs = answer(read_records(records), PatientDecider(FakeGraph(), 0.01), publisher, threading.Event())
    (audit,) = [output for output in outputs.records if output.topic == S.audit_topic]
    stream.topics.add(S.audit_topic, audit.value)
    cut = read_cut(S, None, lambda _: None)
    assert (cut.dead_letters, cut.audited.total(), len(cut.batches)) == (0, 2, 1)


def test_a_batch_is_in_the_cut_as_a_whole_or_not_at_all(stream: Stream) -> None:
    """What was committed after it is newer: its decisions, its dead letters and its audit record."""
    stream.fill(10, poison=frozenset({9}))
    stream.decide(0, 6)
    stream.decide(6, 10)
    stream.committed = 6
    cut = read_cut(S, None, lambda _: None)
    assert (cut.audited.total(), cut.published.total(), cut.dead_letters, cut.newer) == (6, 6, 0, 4)
    assert cut.holds(0, 5)
    assert not cut.holds(0, 6)
