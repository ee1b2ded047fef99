"""From records to work, with hand-made records."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.wire.audit import SourceRange, encode_audit, encode_rejections
from credit.wire.decision import encode_decisions
from ledger.sink.decode import TopicNames, works
from ledger.store.write import Moves, SinkWork
from tests.fixtures.decisions import decision_batch

NAMES = TopicNames("audit", "decisions", "outcomes")
SOURCES = [SourceRange("applications", 0, 0, 1)]


@dataclass
class Consumed:
    """A consumed record."""

    topic: str
    partition: int
    offset: int
    value: bytes | None


def audit(n: int, offset: int, partition: int = 0) -> Consumed:
    value = encode_audit(decision_batch(n, 100_001 + offset), "kafka", SOURCES)
    return Consumed("audit", partition, offset, value)


def only(value: bytes | None, topic: str = "audit") -> SinkWork:
    (work,) = works([[Consumed(topic, 0, 5, value)]], {(topic, 0): 5}, NAMES, 100)
    return work


def test_work_is_cut_where_it_is_large_enough_and_positions_follow_on() -> None:
    """Each transaction moves from where the last one ended, also past offsets that hold no record."""
    polled = [[audit(40, 3), audit(40, 4), audit(40, 9)], [audit(10, 0, partition=1)]]
    cut = list(works(polled, {("audit", 0): 2}, NAMES, 60))
    assert [sum(len(a.record) for a in work.audits) for work in cut] == [80, 50]
    assert cut[0].moves == [Moves("audit", 0, 2, 5)]
    assert cut[1].moves == [Moves("audit", 0, 5, 10), Moves("audit", 1, 0, 1)]


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"{}",
        b"\xff" * 100,
        encode_audit(decision_batch(3), "kafka", SOURCES)[:-200],
        encode_audit(decision_batch(3), "kafka", SOURCES).replace(b'"kafka"', b'"fax"  '),
    ],
)
def test_poison_is_named_and_passed_over(value: bytes | None) -> None:
    """The position moves on, and what is kept is where it stands and what is wrong."""
    work = only(value)
    assert not work.audits
    (bad,) = work.unreadable
    assert (bad.position.topic, bad.position.offset, bad.size) == ("audit", 5, len(value or b""))
    assert bad.problem
    assert work.moves == [Moves("audit", 0, 5, 6)]


def test_a_decision_at_a_time_that_cannot_be_is_poison() -> None:
    """It would make a partition of its own in the year 5000."""
    batch = decision_batch(2)
    batch.decided_ms[1] = 95_000_000_000_000
    (bad,) = only(encode_audit(batch, "http", [])).unreadable
    assert "time" in bad.problem


def test_an_id_that_is_none_is_poison() -> None:
    """The database would refuse it for ever."""
    batch = decision_batch(2)
    batch.decision_ids[0] = "not-an-id"
    assert only(encode_audit(batch, "http", [])).unreadable


def test_rejections_are_work_without_rows() -> None:
    """A micro-batch in which nothing was decided still says which offsets it answered."""
    work = only(encode_rejections("kafka", SOURCES, 2))
    assert not work.unreadable
    assert [len(a.record) for a in work.audits] == [0]


def test_answers_and_outcomes_are_read() -> None:
    """A decision's document links it; an outcome may be an RFC 3339 time or milliseconds, or be taken back."""
    (document,) = encode_decisions(decision_batch(1))
    (answer,) = only(document, "decisions").answers
    assert answer.decision_id == decision_batch(1).decision_ids[0]
    told = b'{"application_id":"1","defaulted":1,"observed_at":"2026-01-31T12:00:00+01:00"}'
    assert only(told, "outcomes").outcomes[0].observed_ms == 1_769_857_200_000
    assert only(b'{"application_id":"1","defaulted":0,"observed_at":5}', "outcomes").outcomes[0].observed_ms == 5
    gone = only(None, "outcomes")
    assert not gone.outcomes
    assert not gone.unreadable


@given(st.binary(max_size=300))
def test_no_bytes_stop_the_sink(value: bytes) -> None:
    """Whatever stands on a topic becomes work or is named as unreadable."""
    for topic in ("audit", "decisions", "outcomes"):
        work = only(value, topic)
        assert len(work.unreadable) + len(work.audits) + len(work.answers) + len(work.outcomes) == 1
