"""kafka-python's consumers, made in one place with the options that correctness depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from streaming.kafka.group import GroupConsumer
from streaming.kafka.records import Partition, Record
from streaming.kafka.security import KafkaSecurity
from streaming.settings import StreamingSettings


class TopicReader(Protocol):
    """A consumer outside any group's rebalances: it reads what it is assigned; kafka-python's is one."""

    def partitions_for_topic(self, topic: str) -> set[int] | None: ...
    def assign(self, partitions: Sequence[Partition]) -> None: ...
    def pause(self, *partitions: Partition) -> None: ...
    def seek(self, partition: Partition, offset: int) -> None: ...
    def seek_to_beginning(self, *partitions: Partition) -> None: ...
    def seek_to_end(self, *partitions: Partition) -> None: ...
    def position(self, partition: Partition) -> int: ...
    def poll(self, timeout_ms: int) -> dict[Partition, list[Record]]: ...
    def beginning_offsets(self, partitions: Iterable[Partition]) -> dict[Partition, int]: ...
    def end_offsets(self, partitions: Iterable[Partition]) -> dict[Partition, int]: ...
    def offsets_for_times(self, timestamps: Mapping[Partition, int]) -> dict[Partition, Any]: ...
    def committed(self, partition: Partition, *, timeout_ms: int) -> int | None: ...
    def close(self, *, autocommit: bool = True) -> None: ...


def group_consumer(settings: StreamingSettings, security: KafkaSecurity, client_id: str) -> GroupConsumer:
    """Return a consumer of the gateway's group; not subscribed yet. Make it in a plain thread."""
    from kafka import KafkaConsumer
    from kafka.coordinator.assignors.range import RangePartitionAssignor

    consumer = KafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers.split(","),
        client_id=client_id,
        group_id=settings.group_id,
        # Besides hiding aborted input, this makes the group wait for a predecessor's transaction before it hands out
        # its offsets (KIP-447): without it a partition that moves could be read from an offset about to change.
        isolation_level="read_committed",
        enable_auto_commit=False,
        # A reset by policy would skip or repeat records without a word; the loop decides, and says so.
        auto_offset_reset="none",
        # Eager: at a rebalance everything is given up and read again from the committed offsets.
        partition_assignment_strategy=(RangePartitionAssignor,),
        max_poll_records=settings.max_batch,
        # A fetch is answered at the first record: how long it may wait says only how often a quiet topic is asked.
        fetch_max_wait_ms=1000,
        max_poll_interval_ms=int(settings.max_poll_interval_s * 1000),
        session_timeout_ms=int(settings.session_timeout_s * 1000),
        heartbeat_interval_ms=int(settings.heartbeat_s * 1000),
        request_timeout_ms=int(max(settings.session_timeout_s, settings.transaction_timeout_s) * 1000),
        reconnect_backoff_max_ms=1000,
        bootstrap_timeout_ms=int(settings.start_timeout_s * 1000),
        allow_auto_create_topics=False,
        metrics_enabled=False,
        **security.client_options(),
    )
    return GroupConsumer(consumer)


def reader(bootstrap: str, security: KafkaSecurity | None = None, **options: Any) -> TopicReader:
    """Return a consumer outside any group that sees committed records only; assign its partitions yourself."""
    from kafka import KafkaConsumer

    defaults: dict[str, Any] = {
        "bootstrap_servers": bootstrap.split(","),
        "isolation_level": "read_committed",
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "max_poll_records": 5000,
        "fetch_max_wait_ms": 100,
        "reconnect_backoff_max_ms": 1000,
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
    }
    consumer: TopicReader = KafkaConsumer(**(defaults | (security or KafkaSecurity()).client_options() | options))
    return consumer
