"""How far a group is behind, asked of the broker and of nobody else."""

from __future__ import annotations

import contextlib
import time

from streaming.kafka.security import KafkaSecurity


def group_lag(bootstrap: str, group: str, topic: str) -> int:
    """Return how many offsets of the topic the group has not committed yet; raises a KafkaError where none answers."""
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        group_id=group,
        isolation_level="read_committed",
        **KafkaSecurity().client_options(),
    )
    try:
        partitions = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic)]
        ends = consumer.end_offsets(partitions, timeout_ms=5000)
        return sum(ends[tp] - (consumer.committed(tp, timeout_ms=5000) or 0) for tp in partitions)
    finally:
        consumer.close(autocommit=False)


def wait_until_consumed(bootstrap: str, group: str, topic: str, timeout_s: float) -> bool:
    """Wait until the group has committed all there is; False where it has not within `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        with contextlib.suppress(Exception):
            if group_lag(bootstrap, group, topic) == 0:
                return True
        time.sleep(0.5)
    return False
