"""The gateway's membership of its group as kafka-python has it, with the errors that the loop decides by under names.

One call here is one call there: what is read and how is the business of `streaming.gateway`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from streaming.kafka.records import Partition, Record

_CLOSE_TIMEOUT_MS = 3000


class NoCommittedOffset(Exception):
    """A partition of ours has no committed offset yet: whoever reads says where to begin."""


class OffsetsOutOfRange(Exception):
    """The next records to read are no longer in the topic; `partitions` says of which partitions."""

    def __init__(self, message: str, partitions: list[Partition]) -> None:
        self.partitions = partitions
        super().__init__(message)


class GroupConsumer:
    """A consumer of the gateway's group over one of kafka-python's; for one thread."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer

    def subscribe(self, topic: str, on_moved: Callable[[], None]) -> None:
        """Join the group at the next poll; `on_moved` is called inside any poll in which a rebalance takes or gives."""
        from kafka import ConsumerRebalanceListener
        from kafka.errors import KafkaError

        class Listener(ConsumerRebalanceListener):  # type: ignore[misc]
            def on_partitions_revoked(self, _: Any) -> None:
                on_moved()

            def on_partitions_lost(self, _: Any) -> None:
                on_moved()

            def on_partitions_assigned(self, _: Any) -> None:
                on_moved()

        self._consumer.subscribe([topic], listener=Listener())
        # A leader of the group that joins before it knows the partitions assigns none, and has to join again. Where
        # they cannot be had within a request's time, joining goes on without.
        with contextlib.suppress(KafkaError):
            self._consumer.partitions_for_topic(topic)

    def poll(self, timeout_ms: int) -> dict[Partition, list[Record]]:
        """Return the next records by partition; raises NoCommittedOffset or OffsetsOutOfRange where there are none."""
        from kafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

        try:
            polled: dict[Partition, list[Record]] = self._consumer.poll(timeout_ms=timeout_ms)
        except NoOffsetForPartitionError as error:
            raise NoCommittedOffset(str(error)) from error
        except OffsetOutOfRangeError as error:
            gone = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
            raise OffsetsOutOfRange(str(error), list(gone)) from error
        return polled

    def metadata(self) -> Any:
        """Return the group's whole metadata of this moment; a transaction's offsets are fenced by it."""
        return self._consumer.group_metadata()

    def is_stable(self) -> bool:
        """Say whether this member has its place in the group's present generation."""
        from kafka.structs import MemberState

        return bool(self._consumer.group_metadata().state == MemberState.STABLE)

    def assignment(self) -> set[Partition]:
        """Return the partitions that are ours."""
        assigned: set[Partition] = self._consumer.assignment()
        return assigned

    def partition_count(self, topic: str) -> int:
        """Return how many partitions a topic has."""
        return len(self._consumer.partitions_for_topic(topic))

    def committed(self, partition: Partition, timeout_ms: int) -> int | None:
        """Return the group's offset; waits for a predecessor's transaction to end, if one is open on it."""
        offset: int | None = self._consumer.committed(partition, timeout_ms=timeout_ms)
        return offset

    def position(self, partition: Partition, timeout_ms: int) -> int | None:
        """Return the offset that is read next, None where it is not known in time."""
        offset: int | None = self._consumer.position(partition, timeout_ms=timeout_ms)
        return offset

    def highwater(self, partition: Partition) -> int | None:
        """Return the partition's end as of the last poll that brought records of it."""
        offset: int | None = self._consumer.highwater(partition)
        return offset

    def seek(self, partition: Partition, offset: int) -> None:
        """Read on at an offset."""
        self._consumer.seek(partition, offset)

    def seek_to_beginning(self, partition: Partition) -> None:
        """Read on at the first record that there is."""
        self._consumer.seek_to_beginning(partition)

    def pause(self, *partitions: Partition) -> None:
        """Let polls bring nothing of these partitions until they are resumed."""
        self._consumer.pause(*partitions)

    def resume(self, *partitions: Partition) -> None:
        """Let polls bring records of these partitions again."""
        self._consumer.resume(*partitions)

    def close(self) -> None:
        """Leave the group without committing anything; never raises and never waits long."""
        with contextlib.suppress(Exception):
            self._consumer.close(autocommit=False, timeout_ms=_CLOSE_TIMEOUT_MS)


def to_commit(next_offsets: Mapping[Partition, int]) -> dict[Partition, Any]:
    """Return offsets, partition -> next to read, as kafka-python takes them into a transaction."""
    from kafka.structs import OffsetAndMetadata

    return {partition: OffsetAndMetadata(offset, "", -1) for partition, offset in next_offsets.items()}
