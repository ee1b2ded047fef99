"""Reads committed decisions while everything breaks, and writes down what it is given: a process of its own.

`python -m tests.faults.live_reader BOOTSTRAP TOPIC FILE` appends a line `partition offset key submitted_ms` for each
record, from the topic's beginning, through every outage, until it is told to end (SIGTERM).
"""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from streaming.kafka.security import KafkaSecurity
from tests.faults.history import Seen


def main(bootstrap: str, topic: str, file: str) -> None:
    """Read until SIGTERM; a line is whole when the next one begins."""
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: ended.append(number))
    consumer = open_reader(bootstrap, topic)
    with Path(file).open("w", buffering=1) as lines:
        while not ended:
            for records in consumer.poll(timeout_ms=500).values():
                for record in records:
                    one = seen_of(record)
                    lines.write(f"{one.partition} {one.offset} {one.key} {one.submitted_ms}\n")
    consumer.close()


def open_reader(bootstrap: str, topic: str) -> Any:
    """Return a consumer of committed records that belongs to no group, at the beginning of every partition."""
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        reconnect_backoff_max_ms=1000,
        **KafkaSecurity().client_options(),
    )
    while not (numbers := consumer.partitions_for_topic(topic)):
        time.sleep(0.2)
    consumer.assign([TopicPartition(topic, number) for number in sorted(numbers)])
    consumer.seek_to_beginning()
    return consumer


def seen_of(record: Any) -> Seen:
    """Return a decision's record as the history has it."""
    document = json.loads(record.value)
    return Seen(record.partition, record.offset, record.key.decode(), document["submitted_at"])


def read_history(file: Path) -> list[Seen]:
    """Return what a reader wrote down; a last line that it was killed in is left out."""
    lines = file.read_text().splitlines(keepends=True)
    parts = (line.split() for line in lines if line.endswith("\n"))
    return [Seen(int(partition), int(offset), key, int(at)) for partition, offset, key, at in parts]


if __name__ == "__main__":
    main(*sys.argv[1:4])
