"""One transaction's order of things."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.structs import OffsetAndMetadata, TopicPartition

from streaming.batch.publish import Output, Outputs
from streaming.gateway.commit import commit
from streaming.gateway.pipeline import MicroBatch
from streaming.gateway.stats import LoopObserver
from streaming.kafka.doubt import DoubtCause, InDoubt

ZERO = TopicPartition("loan-applications", 0)
GROUP = SimpleNamespace(generation_id=3, member_id="m")
RECORDS = [Output("decisions", b"1", b"a"), Output("decisions", b"2", b"b", [("h", b"x")]), Output("dlq", b"3")]


class Producer:
    """Notes what it is asked to do, and fails at one step if told to."""

    def __init__(self, fails_at: str = "", renewed: bool = False) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self._fails_at, self._renewed = fails_at, renewed

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> bool:
            self.calls.append((name, *arguments))
            if name == self._fails_at:
                raise InDoubt(f"{name} failed", DoubtCause.BROKER)
            return self._renewed

        return call


def batch_of(count: int) -> MicroBatch:
    return MicroBatch({ZERO: 17}, count, (3, "m"), threading.Event(), Future())


def test_records_then_flush_then_offsets_then_commit() -> None:
    """The whole of a transaction in its order; what it wrote is counted once the brokers have committed it."""
    producer, observer = Producer(), LoopObserver()
    commit(producer, batch_of(3), Outputs(RECORDS, 2, 1), GROUP, observer)  # type: ignore[arg-type]
    assert producer.calls == [
        ("begin",),
        ("send", "decisions", b"1", b"a", None),
        ("send", "decisions", b"2", b"b", [("h", b"x")]),
        ("send", "dlq", b"3", None, None),
        ("flush",),
        ("add_offsets", {ZERO: OffsetAndMetadata(17, "", -1)}, GROUP),
        ("commit",),
    ]
    stats = observer.stats()
    assert (stats.applications, stats.decisions, stats.dead_letters, stats.transactions) == (3, 2, 1, 1)


@pytest.mark.parametrize("step", ["begin", "send", "flush", "add_offsets", "commit"])
def test_after_a_failure_nothing_more_is_done_and_nothing_is_counted(step: str) -> None:
    """Neither offsets nor a commit follow a flush that failed, and no repair follows anything."""
    producer, observer = Producer(step), LoopObserver()
    with pytest.raises(InDoubt, match=step):
        commit(producer, batch_of(3), Outputs(RECORDS, 2, 1), GROUP, observer)  # type: ignore[arg-type]
    assert producer.calls[-1][0] == step
    assert observer.stats().transactions == 0


def test_a_record_without_an_answer_or_with_two_opens_no_transaction() -> None:
    """Three records and two answers do not add up."""
    producer = Producer()
    with pytest.raises(InDoubt, match="3 records gave 1 decisions and 1 letters"):
        commit(producer, batch_of(3), Outputs(RECORDS, 1, 1), GROUP, LoopObserver())  # type: ignore[arg-type]
    assert producer.calls == []


@pytest.mark.parametrize("group", [(4, "m"), (3, "other"), (-1, "")])
def test_a_group_that_moved_on_opens_no_transaction(group: tuple[int, str]) -> None:
    """Another generation, or another member's name in it: the partitions may be another's by now."""
    producer, moved = Producer(), SimpleNamespace(generation_id=group[0], member_id=group[1])
    with pytest.raises(InDoubt, match="moved on"):
        commit(producer, batch_of(3), Outputs(RECORDS, 2, 1), moved, LoopObserver())  # type: ignore[arg-type]
    assert producer.calls == []


@pytest.mark.parametrize("renewed", [False, True])
def test_a_new_epoch_after_a_commit_is_counted(renewed: bool) -> None:
    """The producer says of a commit whether a request of it had gone unanswered at first."""
    observer = LoopObserver()
    commit(Producer(renewed=renewed), batch_of(3), Outputs(RECORDS, 2, 1), GROUP, observer)  # type: ignore[arg-type]
    assert (observer.stats().epoch_renewals, observer.stats().transactions) == (int(renewed), 1)
