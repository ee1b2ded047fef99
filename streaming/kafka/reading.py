"""The one bounded reading of topics: committed records from where one says to where the topics end.

A commit is answered before its markers stand in every partition, and a reader of committed records cannot pass them
until then. So what ends a reading is the *log's* end as of its beginning, and transactions open at that moment are
waited for: whoever stops at the end that committed readers are told right after a commit misses the last batches.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from credit.errors import DependencyUnavailable
from streaming.kafka.clients import TopicReader, reader
from streaming.kafka.records import Partition, Record
from streaming.kafka.security import KafkaSecurity

_IDLE_LIMIT_S = 30.0
_POLL_MS = 500


@dataclass(frozen=True, slots=True)
class Positions:
    """Where each partition of some topics stands: (topic, partition) -> next offset."""

    at: dict[tuple[str, int], int]


def end_positions(bootstrap: str, topics: list[str], security: KafkaSecurity | None = None) -> Positions:
    """Return the topics' ends as a reader of committed records sees them now."""
    consumer = reader(bootstrap, security)
    try:
        ends = consumer.end_offsets(_partitions(consumer, topics))
        return Positions({(tp.topic, tp.partition): offset for tp, offset in ends.items()})
    finally:
        consumer.close(autocommit=False)


def begin_positions(bootstrap: str, topics: list[str], security: KafkaSecurity | None = None) -> Positions:
    """Return the first offsets that the topics still hold."""
    consumer = reader(bootstrap, security)
    try:
        begins = consumer.beginning_offsets(_partitions(consumer, topics))
        return Positions({(tp.topic, tp.partition): offset for tp, offset in begins.items()})
    finally:
        consumer.close(autocommit=False)


def spans_between(
    bootstrap: str,
    topic: str,
    from_ms: int | None = None,
    to_ms: int | None = None,
    security: KafkaSecurity | None = None,
) -> dict[int, tuple[int, int]]:
    """Return partition -> (first offset, end offset) of what arrived between two times, the end excluded.

    from_ms, to_ms: milliseconds since the epoch; without them the span begins, or ends, where the topic does.
    """
    consumer = reader(bootstrap, security)
    try:
        partitions = _partitions(consumer, [topic])
        starts, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        first = starts if from_ms is None else _at_time(consumer, from_ms, ends)
        end = ends if to_ms is None else _at_time(consumer, to_ms, ends)
        return {tp.partition: (max(first[tp], starts[tp]), end[tp]) for tp in partitions}
    finally:
        consumer.close(autocommit=False)


def read_topics(
    bootstrap: str,
    topics: list[str],
    since: Positions | None = None,
    security: KafkaSecurity | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Record]:
    """Yield every committed record of the topics from `since` (or the beginning) to their ends as of this call.

    progress: told how many records have been read. Raises DependencyUnavailable where a topic is not there, or cannot
    be read to its end.
    """
    consumer = reader(bootstrap, security)
    count = 0
    try:
        partitions = _partitions(consumer, topics)
        begins = {tp: since.at.get((tp.topic, tp.partition), 0) if since else 0 for tp in partitions}
        for records in _read(consumer, begins, _log_ends(bootstrap, security, partitions)):
            count += len(records)
            yield from records
            progress(count)
    finally:
        consumer.close(autocommit=False)


def read_spans(
    bootstrap: str,
    topic: str,
    spans: Mapping[int, tuple[int, int]],
    security: KafkaSecurity | None = None,
    at_once: int = 5000,
) -> Iterator[list[Record]]:
    """Yield the committed records at the offsets of `spans`, up to `at_once` together, each partition in order.

    spans: partition -> (first offset, end offset), the end excluded; what retention has deleted of them is left out,
    and so is what the topic does not have yet. Raises DependencyUnavailable where they cannot be read.
    """
    consumer = reader(bootstrap, security, max_poll_records=at_once)
    try:
        partitions = {tp.partition: tp for tp in _partitions(consumer, [topic])}
        wanted = [partition for partition in partitions.values() if partition.partition in spans]
        # Whoever names offsets has seen them: the end for committed readers is enough, and costs no second consumer.
        ends = consumer.end_offsets(wanted)
        yield from _read(
            consumer,
            {tp: spans[tp.partition][0] for tp in wanted},
            {tp: min(spans[tp.partition][1], ends[tp]) for tp in wanted},
        )
    finally:
        consumer.close(autocommit=False)


def _read(
    consumer: TopicReader, begins: Mapping[Partition, int], ends: Mapping[Partition, int]
) -> Iterator[list[Record]]:
    """Yield what each poll brings below the partitions' ends, until every position has passed its own."""
    consumer.assign(list(begins))
    starts = consumer.beginning_offsets(list(begins))
    at = {tp: max(starts[tp], begin) for tp, begin in begins.items()}
    for tp, offset in at.items():
        consumer.seek(tp, offset)
    left = {tp for tp, offset in at.items() if offset < ends[tp]}
    consumer.pause(*(tp for tp in at if tp not in left))
    idle_since = time.monotonic()
    while left:
        polled = consumer.poll(timeout_ms=_POLL_MS)
        records = [r for tp, some in polled.items() if tp in left for r in some if r.offset < ends[tp]]
        before = {tp: at[tp] for tp in left}
        # The end can be a transaction's marker, which is never returned: the position passes it all the same.
        at = {tp: consumer.position(tp) for tp in left}
        if at == before and time.monotonic() - idle_since > _IDLE_LIMIT_S:
            stuck = ", ".join(f"{tp.topic} {tp.partition}:{at[tp]}" for tp in left)
            raise DependencyUnavailable(f"the topics cannot be read to their end (stuck at {stuck}); is the broker up?")
        for tp in [tp for tp in left if at[tp] >= ends[tp]]:
            left.remove(tp)
            consumer.pause(tp)
        if records:
            yield records
        if at != before:
            idle_since = time.monotonic()  # after the yield: a caller's time is not the brokers'


def _at_time(consumer: TopicReader, at_ms: int, ends: Mapping[Partition, int]) -> dict[Partition, int]:
    found = consumer.offsets_for_times(dict.fromkeys(ends, at_ms))
    return {tp: found[tp].offset if found.get(tp) is not None else end for tp, end in ends.items()}


def _log_ends(bootstrap: str, security: KafkaSecurity | None, partitions: list[Partition]) -> dict[Partition, int]:
    consumer = reader(bootstrap, security, isolation_level="read_uncommitted")
    try:
        return consumer.end_offsets(partitions)
    finally:
        consumer.close(autocommit=False)


def _partitions(consumer: TopicReader, topics: list[str]) -> list[Partition]:
    from kafka import TopicPartition

    partitions: list[Partition] = [
        TopicPartition(topic, number)
        for topic in topics
        for number in sorted(consumer.partitions_for_topic(topic) or ())
    ]
    if not partitions:
        raise DependencyUnavailable(f"the topics {', '.join(topics)} are not there; has the stack been started once?")
    return partitions
