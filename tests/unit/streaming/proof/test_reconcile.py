"""Offsets against audit records, decisions and dead letters, over topics in memory."""

from __future__ import annotations

import pytest

from credit.wire.audit import SourceRange
from streaming.proof import reconcile as module
from streaming.proof.reconcile import reconcile, repair
from streaming.settings import StreamingSettings
from tests.fixtures.deciding import FakeGraph
from tests.unit.streaming.proof.conftest import Stream

S = StreamingSettings()


def test_a_stream_that_is_whole_adds_up(stream: Stream) -> None:
    """Decisions and dead letters, over batches, and one of nothing but poison."""
    stream.fill(12, poison=frozenset({3, 8, 9, 10, 11}))
    for first, end in ((0, 4), (4, 8), (8, 12)):
        stream.decide(first, end)
    found = reconcile(S)
    assert found.clean, found.line()
    assert (found.consumed, found.decided, found.dead_letters, found.newer) == (12, 7, 5, 0)


def test_a_batch_that_left_no_trace_is_a_gap_and_is_repaired(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its offsets are named, exactly; the repair answers them and leaves nothing."""
    stream.fill(12, poison=frozenset({5}))
    stream.decide(0, 4)
    stream.decide(8, 12)
    found = reconcile(S)
    assert found.gaps == [SourceRange(S.applications_topic, 0, 4, 7)]
    assert (found.gap_offsets, found.overlap_offsets, found.doubled) == (4, 0, [])

    class Producer:
        """Writes at once: what a transaction is like is tested elsewhere."""

        send = staticmethod(stream.send)

        def __init__(self, _settings: object, _security: object, transactional_id: str) -> None:
            assert transactional_id.endswith("-repair")

        def begin(self) -> None: ...
        def flush(self) -> None: ...
        def commit(self) -> None: ...
        def close(self) -> None: ...

    monkeypatch.setattr(module, "TransactionalProducer", Producer)
    assert repair(S, found.gaps, FakeGraph()) == 4
    assert reconcile(S).clean


def test_a_decision_that_is_audited_and_not_published_is_a_gap(stream: Stream) -> None:
    """The audit record alone answers nobody."""
    stream.fill(6)
    stream.decide(0, 6)
    del stream.topics.records[S.decisions_topic][2]
    found = reconcile(S)
    assert found.gaps == [SourceRange(S.applications_topic, 0, 2, 2)]


def test_applications_decided_twice_are_named(stream: Stream) -> None:
    """As offsets that two audit records name, and as decisions published more often than they are owed."""
    stream.fill(8)
    stream.decide(0, 8)
    stream.decide(2, 5)
    found = reconcile(S)
    assert found.overlaps == [SourceRange(S.applications_topic, 0, 2, 4)]
    assert (len(found.doubled), found.gaps) == (3, [])


def test_what_is_answered_after_the_cut_is_left_out(stream: Stream) -> None:
    """While the stream runs, newer batches are neither doubled nor unexpected, and are counted."""
    stream.fill(10, poison=frozenset({9}))
    stream.decide(0, 6)
    stream.decide(6, 10)
    stream.committed = 6
    found = reconcile(S)
    assert found.clean, found.line()
    assert (found.consumed, found.decided, found.dead_letters, found.newer) == (6, 6, 0, 4)


def test_a_group_that_has_consumed_nothing_owes_nothing(stream: Stream) -> None:
    """Applications that wait are no gap."""
    stream.fill(5)
    assert (reconcile(S).consumed, reconcile(S).clean) == (0, True)
