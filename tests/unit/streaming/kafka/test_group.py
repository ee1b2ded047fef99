"""The group's consumer: kafka-python's errors and answers under our names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from kafka import KafkaConsumer
from kafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from kafka.structs import MemberState, OffsetAndMetadata, TopicPartition

from streaming.kafka.group import GroupConsumer, NoCommittedOffset, OffsetsOutOfRange, to_commit

ZERO = TopicPartition("t", 0)


class Consumer:
    """kafka-python's consumer, as far as it is told what to do."""

    def __init__(self, error: Exception | None = None, state: Any = MemberState.STABLE) -> None:
        self.error, self.state = error, state

    def subscribe(self, topics: list[str], listener: Any) -> None:
        self.topics, self.listener = topics, listener

    def partitions_for_topic(self, topic: str) -> set[int]:
        raise KafkaError("not yet")

    def poll(self, timeout_ms: int) -> dict[Any, Any]:
        if self.error:
            raise self.error
        return {ZERO: [timeout_ms]}

    def group_metadata(self) -> Any:
        return SimpleNamespace(state=self.state)

    def close(self, **_: Any) -> None:
        raise KafkaError("already gone")


def test_errors_that_the_loop_decides_by_have_our_names() -> None:
    """No offset yet, and offsets that retention has deleted, with their partitions; any other error stays as it is."""
    with pytest.raises(NoCommittedOffset):
        GroupConsumer(Consumer(NoOffsetForPartitionError("t"))).poll(0)
    with pytest.raises(OffsetsOutOfRange) as caught:
        GroupConsumer(Consumer(OffsetOutOfRangeError({ZERO: 5}))).poll(0)
    assert caught.value.partitions == [ZERO]
    with pytest.raises(KafkaError):
        GroupConsumer(Consumer(KafkaError("else"))).poll(0)
    assert GroupConsumer(Consumer()).poll(7) == {ZERO: [7]}


def test_every_kind_of_move_is_told() -> None:
    """Taken, lost or given; and the topic's partitions not being known yet keeps nobody from joining."""
    consumer, moves = Consumer(), list[int]()
    GroupConsumer(consumer).subscribe("t", lambda: moves.append(1))
    for told in ("revoked", "lost", "assigned"):
        getattr(consumer.listener, f"on_partitions_{told}")({ZERO})
    assert (consumer.topics, len(moves)) == (["t"], 3)


@pytest.mark.parametrize("state", [name for name in dir(MemberState) if name.isupper()])
def test_only_a_stable_member_has_its_place(state: str) -> None:
    """Joining and rebalancing members wait."""
    assert GroupConsumer(Consumer(state=getattr(MemberState, state))).is_stable() is (state == "STABLE")


def test_closing_never_raises() -> None:
    """Whatever was wrong with the client, work starts again with a new one."""
    GroupConsumer(Consumer()).close()


def test_offsets_are_next_to_read_as_the_client_wants_them() -> None:
    """Without metadata and without a leader's epoch."""
    assert to_commit({ZERO: 17}) == {ZERO: OffsetAndMetadata(17, "", -1)}


def test_kafka_python_has_what_is_called_here() -> None:
    """An update that renames a method fails here."""
    used = {"subscribe", "poll", "group_metadata", "assignment", "partitions_for_topic", "committed", "position"}
    assert used | {"highwater", "seek", "seek_to_beginning", "pause", "resume", "close"} <= set(dir(KafkaConsumer))
