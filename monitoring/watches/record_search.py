"""Which of some offsets hold a committed record: transactions leave markers between records, and aborted ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from credit.errors import DependencyUnavailable
from credit.wire.coverage import Offsets, Span

# Beyond this many records between two holes a seek is quicker than reading on.
_READ_ON = 2000
_IDLE_POLLS = 60


class StandingRecord(Protocol):
    """A record, of which only its place is asked."""

    @property
    def offset(self) -> int: ...


class CommittedRecords(Protocol):
    """A consumer outside any group that returns committed records only; partitions as kafka-python names them."""

    def assign(self, partitions: list[Any]) -> None: ...

    def end_offsets(self, partitions: list[Any]) -> dict[Any, int]: ...

    def seek(self, partition: Any, offset: int) -> None: ...

    def position(self, partition: Any) -> int: ...

    def poll(self, timeout_ms: int) -> Mapping[Any, Sequence[StandingRecord]]: ...


def offsets_of(consumer: CommittedRecords, topic: str, partition: int, holes: Sequence[Span]) -> list[int]:
    """Return the offsets within `holes`, which are in order, at which a committed record stands.

    Raises DependencyUnavailable where the broker does not let them be read.
    """
    from kafka import TopicPartition

    tp = TopicPartition(topic, partition)
    consumer.assign([tp])
    if holes and consumer.end_offsets([tp])[tp] <= holes[-1].last:
        # Taking what cannot be read for empty would hide a gap.
        raise DependencyUnavailable(f"{tp} ends before offset {holes[-1].last}, which was consumed; was it made anew?")
    wanted, found = Offsets(holes), list[int]()
    at, idle = -1, 0
    for hole in holes:
        if at < 0 or hole.first - at > _READ_ON:
            consumer.seek(tp, hole.first)
            at = hole.first
        while at <= hole.last:
            polled = consumer.poll(timeout_ms=500).get(tp, [])
            found += [record.offset for record in polled if record.offset in wanted]
            before, at = at, consumer.position(tp)
            idle = 0 if at > before else idle + 1
            if idle > _IDLE_POLLS:
                raise DependencyUnavailable(f"{tp} cannot be read at offset {at}; is the broker up?")
    return found
