"""The same applications through both doors of a running stack."""

from __future__ import annotations

import itertools
import time
from typing import Any

from pydantic_core import from_json, to_json

from credit.wire.topics import DECISIONS_TOPIC
from streaming.feed import envelope, feed, read_rows
from streaming.kafka.clients import reader
from tests.fixtures.stack import RunningStack


def without_times(decision: dict[str, Any]) -> dict[str, Any]:
    """Return a decision without the moments at which it came and was decided."""
    return {key: value for key, value in decision.items() if key not in ("submitted_at", "decided_at")}


def records(stack: RunningStack, topic: str, wanted: int, prefix: str, timeout_s: float = 90.0) -> list[Any]:
    """Read `wanted` committed records of a topic whose key starts with `prefix`; fewer if they do not come."""
    from kafka import TopicPartition

    consumer = reader(stack.place.bootstrap)
    try:
        partitions = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        found: list[Any] = []
        until = time.monotonic() + timeout_s
        while len(found) < wanted and time.monotonic() < until:
            for batch in consumer.poll(timeout_ms=200).values():
                found += [r for r in batch if r.key is not None and r.key.startswith(prefix.encode())]
        return found
    finally:
        consumer.close()


def decided_by_kafka(stack: RunningStack, count: int, prefix: str) -> dict[str, dict[str, Any]]:
    """Send the table's first applications to the stream and return their decisions by application id."""
    assert feed(stack.place.bootstrap, stack.applications, limit=count, id_prefix=prefix) == count
    found = {
        record.key.decode(): without_times(from_json(record.value))
        for record in records(stack, DECISIONS_TOPIC, count, prefix)
    }
    assert len(found) == count
    return found


def decided_by_http(stack: RunningStack, count: int, prefix: str) -> dict[str, dict[str, Any]]:
    """Send them over HTTP, alone and with others: the size of a micro-batch must not change a decision."""
    found: dict[str, dict[str, Any]] = {}
    rows = list(itertools.islice(read_rows(stack.applications), count))
    with stack.client() as client:
        for size, chunk in ((1, rows[:20]), (7, rows[20:90]), (105, rows[90:])):
            for start in range(0, len(chunk), size):
                applications = [envelope(row, prefix) for row in chunk[start : start + size]]
                body = applications[0] if size == 1 else {"applications": applications}
                answer = client.post("/v1/decisions", content=to_json(body))
                assert answer.status_code == 200, answer.text
                for decision in answer.json()["decisions"]:
                    found[decision["application_id"]] = without_times(decision)
    return found
