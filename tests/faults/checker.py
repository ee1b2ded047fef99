"""Reads everything back and counts what is lost, doubled or a gap. Shares no code with the gateway, on purpose.

What was sent is what stands in the applications topic, by key. Each key is owed exactly one answer: a decision or a
dead letter. The audit record's ranges, with the dead letters' positions, have to cover each offset once.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from streaming.kafka.security import KafkaSecurity


@dataclass(slots=True)
class Findings:
    """What the read-back found; the lists hold a few examples."""

    applications: int = 0
    decisions: int = 0
    dead_letters: int = 0
    lost: int = 0
    doubled: int = 0
    gaps: int = 0
    examples: list[str] = field(default_factory=list)


def committed_records(bootstrap: str, topic: str) -> Iterator[Any]:
    """Yield all records of a topic that a reader of committed data is given."""
    from kafka import KafkaConsumer, TopicPartition

    # The log's own ends, not those a reader of committed data is told: a transaction may still be ending.
    security = KafkaSecurity().client_options()
    log = KafkaConsumer(bootstrap_servers=bootstrap.split(","), **security)
    partitions = [TopicPartition(topic, p) for p in sorted(log.partitions_for_topic(topic))]
    ends = log.end_offsets(partitions)
    log.close()
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_poll_records=5000,
        **security,
    )
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    last_news = time.monotonic()
    while any(consumer.position(tp) < end for tp, end in ends.items()):
        polled = consumer.poll(timeout_ms=500)
        if polled:
            last_news = time.monotonic()
        assert time.monotonic() - last_news < 60, f"{topic} cannot be read to its end"
        for records in polled.values():
            yield from records
    consumer.close()


def check(bootstrap: str, applications: str, decisions: str, audit: str, dead_letters: str) -> Findings:
    """Read the four topics back and compare."""
    found = Findings()
    sent: Counter[str] = Counter()
    key_at: dict[tuple[int, int], str] = {}
    for record in committed_records(bootstrap, applications):
        key = record.key.decode()
        sent[key] += 1
        key_at[record.partition, record.offset] = key
    found.applications = len(key_at)
    answers: Counter[str] = Counter()
    for record in committed_records(bootstrap, decisions):
        document = json.loads(record.value)
        assert document["application_id"] == record.key.decode()
        answers[document["application_id"]] += 1
        found.decisions += 1
    covered: Counter[tuple[int, int]] = Counter()
    for record in committed_records(bootstrap, audit):
        with pa.ipc.open_stream(record.value) as reader:
            header = json.loads(reader.schema.metadata[b"loanstream"])
            rows = reader.read_all().num_rows
        if header["door"] == "http":
            continue  # decided for a caller: it covers no offset
        positions = [(p, o) for _, p, first, last in header["sources"] for o in range(first, last + 1)]
        covered.update(positions)
        if len(positions) != rows + header["rejected"]:
            found.gaps += 1
            found.examples.append(f"audit of {len(positions)} offsets has {rows} rows and {header['rejected']} letters")
    letter_positions: Counter[tuple[int, int]] = Counter()
    for record in committed_records(bootstrap, dead_letters):
        headers = dict(record.headers)
        at = (int(headers["loanstream.source.partition"]), int(headers["loanstream.source.offset"]))
        letter_positions[at] += 1
        answers[key_at.get(at, "nowhere")] += 1
        found.dead_letters += 1
    for at, count in letter_positions.items():
        covered[at] = max(covered[at], count)  # a letter stands in its batch's range too, where the batch has an audit
    lost, doubled = sent - answers, answers - sent
    found.lost, found.doubled = sum(lost.values()), sum(doubled.values())
    gaps = [at for at in key_at if covered[at] != 1]
    found.gaps += len(gaps)
    found.examples += [f"lost {key}" for key in list(lost)[:5]] + [f"doubled {key}" for key in list(doubled)[:5]]
    found.examples += [f"offset {at} covered {covered[at]} times" for at in gaps[:5]]
    return found
