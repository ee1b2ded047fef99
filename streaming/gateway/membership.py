"""A replica's place in the gateway's group: which partitions are its own, and where each is read on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from streaming.gateway.stats import LoopObserver
from streaming.kafka.doubt import DoubtCause, InDoubt
from streaming.kafka.group import NoCommittedOffset, OffsetsOutOfRange
from streaming.kafka.records import Partition, Record
from streaming.settings import StreamingSettings

log = logging.getLogger(__name__)

_LAG_EVERY_S = 2.0

# A generation of the group and our name in it: (generation id, member id).
Generation = tuple[int, str]


class GroupMetadata(Protocol):
    """What a consumer knows of its group; a transaction's offsets are fenced by all of it."""

    @property
    def generation_id(self) -> int: ...
    @property
    def member_id(self) -> str: ...


class GroupMember(Protocol):
    """The consumer, as the loop uses it; `streaming.kafka.group.GroupConsumer` is one."""

    def subscribe(self, topic: str, on_moved: Callable[[], None]) -> None: ...
    def poll(self, timeout_ms: int) -> dict[Partition, list[Record]]: ...
    def metadata(self) -> GroupMetadata: ...
    def is_stable(self) -> bool: ...
    def assignment(self) -> set[Partition]: ...
    def partition_count(self, topic: str) -> int: ...
    def committed(self, partition: Partition, timeout_ms: int) -> int | None: ...
    def position(self, partition: Partition, timeout_ms: int) -> int | None: ...
    def highwater(self, partition: Partition) -> int | None: ...
    def seek(self, partition: Partition, offset: int) -> None: ...
    def seek_to_beginning(self, partition: Partition) -> None: ...
    def pause(self, *partitions: Partition) -> None: ...
    def resume(self, *partitions: Partition) -> None: ...
    def close(self) -> None: ...


class Membership:
    """Polls as a member of the group, notices its moves, and knows what is read next.

    unassigned_limit_s: how long the replica may be without partitions.
    """

    def __init__(
        self, consumer: GroupMember, settings: StreamingSettings, observer: LoopObserver, unassigned_limit_s: float
    ) -> None:
        self._consumer = consumer
        self._topic = settings.applications_topic
        self._settle_timeout_ms = int(settings.transaction_timeout_s * 1000 + 2000)
        self._observer = observer
        self._unassigned_limit_s = unassigned_limit_s
        self._unassigned_since = time.monotonic()
        self._next: dict[Partition, int] = {}
        self._paused = False
        self._lag_at = 0.0
        self.moved = False
        self.ever_assigned = False

    def join(self) -> None:
        """Subscribe to the applications topic; the polls that follow do the rest."""
        self._consumer.subscribe(self._topic, self._on_moved)

    def poll(self, timeout_ms: int) -> dict[Partition, list[Record]]:
        """Return the next records by partition; afterwards `moved` says whether they may be used.

        Raises InDoubt where the replica has been without partitions for too long.
        """
        with self._observer.phase("poll"):
            polled = self._poll(timeout_ms)
        self._observer.polled()
        self._look_after_assignment()
        return polled

    def settle(self) -> None:
        """After a move: read on from the committed offsets; still joining, the next poll goes on with that.

        kafka-python keeps the position of a partition that stays ours, even under the eager protocol: batches that were
        dropped would be skipped for ever.
        """
        self._next.clear()
        if not self._consumer.is_stable():
            return
        self.moved = False
        self._observer.rebalanced()
        for partition in self._consumer.assignment():
            # Waits for a predecessor's transaction to end, if one is open on this partition's offset.
            committed = self._consumer.committed(partition, self._settle_timeout_ms)
            if committed is None:
                self._consumer.seek_to_beginning(partition)
            else:
                self._consumer.seek(partition, committed)
            self._consumer.resume(partition)
        self._paused = False

    def pause(self, wanted: bool) -> None:
        """Let polls bring nothing, which keeps the place in the group, or let them bring records again."""
        if wanted == self._paused:
            return
        partitions = self._consumer.assignment()
        if partitions:
            (self._consumer.pause if wanted else self._consumer.resume)(*partitions)
        self._paused = wanted

    def require_in_order(self, polled: Mapping[Partition, Sequence[Record]]) -> None:
        """Raise InDoubt where a partition's records begin before those that were read last."""
        for partition, records in polled.items():
            expected = self._next.get(partition)
            if expected is None:
                continue
            if records[0].offset < expected:
                raise InDoubt(f"{partition} went back from {expected} to {records[0].offset}", DoubtCause.GROUP)
            self._observer.skipped(records[0].offset - expected)

    def read_up_to(self, next_offsets: Mapping[Partition, int]) -> None:
        """Note what is read next: partition -> offset."""
        self._next.update(next_offsets)

    def metadata(self) -> GroupMetadata:
        """Return the group's whole metadata of this moment."""
        return self._consumer.metadata()

    def measure_lag(self, under_way: int) -> None:
        """Every two seconds: tell how many applications wait, `under_way` of them read but not committed."""
        now = time.monotonic()
        if now - self._lag_at < _LAG_EVERY_S:
            return
        self._lag_at = now
        topic_partitions = self._consumer.partition_count(self._topic)
        lag = 0
        for partition in self._consumer.assignment():
            end = self._consumer.highwater(partition)
            at = self._next.get(partition)
            if at is None:
                at = self._consumer.position(partition, timeout_ms=100)
            if end is not None and at is not None:
                lag += max(0, end - at)
        self._observer.behind(lag + under_way, topic_partitions)

    def _on_moved(self) -> None:
        # Called inside a poll: only note it. The batches under way go when the poll is over.
        self.moved = True

    def _poll(self, timeout_ms: int) -> dict[Partition, list[Record]]:
        try:
            return self._consumer.poll(timeout_ms)
        except NoCommittedOffset:
            self.moved = True  # a group's first offsets: settled like any other move
        except OffsetsOutOfRange as error:
            # Retention was shorter than our absence: those applications are gone from the topic. Never hide it.
            self._observer.out_of_range()
            log.exception("the committed offsets are no longer in the topic; going on at its start")
            for partition in error.partitions:
                self._consumer.seek_to_beginning(partition)
        return {}

    def _look_after_assignment(self) -> None:
        now = time.monotonic()
        assigned = sorted(partition.partition for partition in self._consumer.assignment())
        if assigned:
            self._unassigned_since = now
            self.ever_assigned = True
        elif now - self._unassigned_since > self._unassigned_limit_s:
            waited = now - self._unassigned_since
            raise InDoubt(f"without partitions for {waited:.0f} s; joining the group anew", DoubtCause.GROUP)
        self._observer.assigned(assigned)


def generation_of(group: GroupMetadata) -> Generation:
    """Return the generation of the group that is valid now, and our name in it."""
    return group.generation_id, group.member_id
