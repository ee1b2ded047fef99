"""Bounded reading, over a hand-written consumer of a log with markers and an open transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.structs import TopicPartition

from credit.errors import DependencyUnavailable
from streaming.kafka import reading
from streaming.kafka.reading import Positions, begin_positions, end_positions, read_spans, read_topics, spans_between
from tests.fixtures.deciding import FakeRecord

ZERO, ONE = TopicPartition("t", 0), TopicPartition("t", 1)


@dataclass
class Log:
    """Partitions with their records' offsets; what lies between is markers. stable: where committed readers stop now.

    polls: how many polls it takes until an open transaction has ended and `stable` is the log's end.
    """

    records: dict[Any, list[int]]
    ends: dict[Any, int]
    starts: dict[Any, int] = field(default_factory=dict)
    stable: dict[Any, int] = field(default_factory=dict)
    polls: int = 0
    open_readers: int = 0

    def visible(self, partition: Any) -> int:
        return self.ends[partition] if self.polls <= 0 else self.stable.get(partition, self.ends[partition])


class Consumer:
    def __init__(
        self,
        log: Log,
        isolation_level: str = "read_committed",
        max_poll_records: int = 5000,
    ) -> None:
        self._log, self._committed, self._most = log, isolation_level == "read_committed", max_poll_records
        self._at: dict[Any, int] = {}
        self._paused: set[Any] = set()
        log.open_readers += 1

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return {tp.partition for tp in self._log.ends if tp.topic == topic} or None

    def assign(self, partitions: Iterable[Any]) -> None:
        self._at = {tp: self._log.starts.get(tp, 0) for tp in partitions}

    def seek(self, partition: Any, offset: int) -> None:
        assert self._log.starts.get(partition, 0) <= offset, "sought what retention has deleted"
        self._at[partition] = offset

    def position(self, partition: Any) -> int:
        return self._at[partition]

    def pause(self, *partitions: Any) -> None:
        self._paused |= set(partitions)

    def poll(self, timeout_ms: int) -> dict[Any, list[FakeRecord]]:
        self._log.polls -= 1
        polled, room = {}, self._most
        for tp, at in self._at.items():
            if tp in self._paused:
                continue
            found = [o for o in self._log.records[tp] if at <= o < self._log.visible(tp)]
            taken, room = found[:room], room - len(found[:room])
            if taken:
                polled[tp] = [FakeRecord(b"x", offset=o, partition=tp.partition, topic=tp.topic) for o in taken]
            # With all records taken, the position is past the markers behind them.
            self._at[tp] = max(at, self._log.visible(tp)) if len(taken) == len(found) else taken[-1] + 1
        return polled

    def beginning_offsets(self, partitions: Iterable[Any]) -> dict[Any, int]:
        return {tp: self._log.starts.get(tp, 0) for tp in partitions}

    def end_offsets(self, partitions: Iterable[Any]) -> dict[Any, int]:
        return {tp: self._log.visible(tp) if self._committed else self._log.ends[tp] for tp in partitions}

    def offsets_for_times(self, times: dict[Any, int]) -> dict[Any, Any]:
        # A record's time is its offset here.
        found = {tp: [o for o in self._log.records[tp] if o >= at] for tp, at in times.items()}
        return {tp: SimpleNamespace(offset=later[0]) if later else None for tp, later in found.items()}

    def close(self, autocommit: bool) -> None:
        assert not autocommit
        self._log.open_readers -= 1


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    log = Log({ZERO: [0, 1, 3, 4], ONE: [2, 5]}, {ZERO: 6, ONE: 6})
    monkeypatch.setattr(reading, "reader", lambda _b, _s=None, **options: Consumer(log, **options))
    return log


def offsets(records: Iterable[Any]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for record in records:
        found.setdefault(record.partition, []).append(record.offset)
    return found


def test_everything_is_read_though_the_log_ends_in_markers(log: Log) -> None:
    """Offsets without records do not hold the reading up; both its consumers are closed."""
    told: list[int] = []
    assert offsets(read_topics("b", ["t"], progress=told.append)) == {0: [0, 1, 3, 4], 1: [2, 5]}
    assert (told[-1], log.open_readers) == (6, 0)


def test_transactions_open_at_the_call_are_waited_for(log: Log) -> None:
    """What committed readers are told to be the end is not the end."""
    log.stable, log.polls = {ZERO: 3, ONE: 0}, 4
    assert end_positions("b", ["t"]).at == {("t", 0): 3, ("t", 1): 0}
    assert offsets(read_topics("b", ["t"])) == {0: [0, 1, 3, 4], 1: [2, 5]}


def test_what_comes_during_the_reading_is_left_out(log: Log) -> None:
    """The end is the one of the call, so that a stream that runs can be read."""
    reads = read_topics("b", ["t"])
    first = next(reads)
    log.records[ZERO] += [6, 7]
    log.ends[ZERO] = 8
    assert offsets([first, *reads]) == {0: [0, 1, 3, 4], 1: [2, 5]}


def test_reading_begins_where_it_is_told_to_and_not_before_retention(log: Log) -> None:
    """Partitions without a position from their beginning; a position that is gone, too."""
    log.starts = {ZERO: 3}
    assert offsets(read_topics("b", ["t"], Positions({("t", 0): 1, ("t", 1): 3}))) == {0: [3, 4], 1: [5]}
    assert list(read_topics("b", ["t"], Positions({("t", 0): 6, ("t", 1): 6}))) == []


def test_spans_are_read_in_order_some_at_a_time(log: Log) -> None:
    """Exactly their offsets, and nothing of other partitions; what is not there yet is left out."""
    batches = list(read_spans("b", "t", {0: (1, 4)}, at_once=1))
    assert [[record.offset for record in batch] for batch in batches] == [[1], [3]]
    assert offsets(r for batch in read_spans("b", "t", {0: (4, 99), 1: (0, 3)}) for r in batch) == {0: [4], 1: [2]}
    assert list(read_spans("b", "t", {0: (2, 3)})) == []


def test_brokers_that_let_nothing_be_read_are_given_up(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a bound without any progress, with the partitions that are stuck; a slow caller is not held against it."""
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 7.0
        return now

    monkeypatch.setattr(reading.time, "monotonic", clock)
    log.stable, log.polls = {ZERO: 3}, 1000
    found = []

    def take_long(count: int) -> None:
        nonlocal now
        now += 3600.0 * count

    with pytest.raises(DependencyUnavailable, match="stuck at t 0:3"):
        found.extend(read_topics("b", ["t"], progress=take_long))
    assert offsets(found) == {0: [0, 1], 1: [2, 5]}
    assert log.open_readers == 0


def test_a_topic_that_is_not_there_is_named(log: Log) -> None:
    """Nothing was ever started there."""
    with pytest.raises(DependencyUnavailable, match="nowhere"):
        list(read_topics("b", ["nowhere"]))


def test_a_span_of_time_ends_before_its_end(log: Log) -> None:
    """By records' times; open ends reach all, and a time after the last record is the end."""
    assert spans_between("b", "t") == {0: (0, 6), 1: (0, 6)}
    assert spans_between("b", "t", from_ms=2, to_ms=4) == {0: (3, 4), 1: (2, 5)}
    assert spans_between("b", "t", from_ms=50) == {0: (6, 6), 1: (6, 6)}


def test_a_topic_begins_where_retention_has_left_it(log: Log) -> None:
    """The first offsets that are still there."""
    log.starts = {ZERO: 3}
    assert begin_positions("b", ["t"]).at == {("t", 0): 3, ("t", 1): 0}
