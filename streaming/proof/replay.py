"""Replay: deciding any range of the applications topic again, with any model, into topics of their own.

Nothing live is touched: no group, no offset, no topic that the gateway writes. The same records and the same model give
the same decision ids, so a replay with the model of the day proves the day's decisions.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from credit.errors import DependencyUnavailable, SettingsError
from streaming.batch.answer import answer
from streaming.batch.deciding import Decider, PatientDecider
from streaming.batch.intake import read_records
from streaming.batch.publish import Outputs, Publisher
from streaming.kafka.clients import reader
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.topics import TopicSpec, ensure_topics
from streaming.settings import MEBIBYTE, StreamingSettings

# Offsets and time do not change a decision, so a replay need not be exactly once: it is complete, or it fails.
_AT_ONCE = 500
_STUCK_S = 30.0


@dataclass(frozen=True, slots=True)
class ReplayRange:
    """The records to decide again: partition -> (first offset, end offset), the end excluded."""

    offsets: dict[int, tuple[int, int]]

    def __len__(self) -> int:
        """Number of offsets; an upper bound for the number of records."""
        return sum(end - first for first, end in self.offsets.values())


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay wrote, and how fast."""

    applications: int
    decisions: int
    dead_letters: int
    seconds: float
    topic: str


def range_of(
    settings: StreamingSettings,
    security: KafkaSecurity | None = None,
    *,
    from_ms: int | None = None,
    to_ms: int | None = None,
    from_offsets: dict[int, int] | None = None,
    to_offsets: dict[int, int] | None = None,
) -> ReplayRange:
    """Return the range between two times (milliseconds since the epoch) or offsets by partition; open ends reach all.

    Raises SettingsError for an empty range.
    """
    from kafka import TopicPartition

    consumer = reader(settings.bootstrap_servers, security)
    try:
        topic = settings.applications_topic
        partitions = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic))]
        starts, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        first = _at_times(consumer, partitions, from_ms, ends) if from_ms is not None else dict(starts)
        end = _at_times(consumer, partitions, to_ms, ends) if to_ms is not None else dict(ends)
    finally:
        consumer.close(autocommit=False)
    offsets = {}
    for tp in partitions:
        low = max(first[tp], (from_offsets or {}).get(tp.partition, 0), starts[tp])
        high = min(end[tp], (to_offsets or {}).get(tp.partition, ends[tp]))
        if high > low:
            offsets[tp.partition] = (low, high)
    if not offsets:
        raise SettingsError("there are no applications between these times or offsets; name an earlier or longer range")
    return ReplayRange(offsets)


def _at_times(consumer: Any, partitions: list[Any], at_ms: int, ends: dict[Any, int]) -> dict[Any, int]:
    found = consumer.offsets_for_times(dict.fromkeys(partitions, at_ms))
    return {tp: found[tp].offset if found.get(tp) is not None else ends[tp] for tp in partitions}


def read_range(
    settings: StreamingSettings, wanted: ReplayRange, security: KafkaSecurity | None = None
) -> Iterator[list[Any]]:
    """Yield the range's committed records, some hundreds at a time, each partition in order."""
    from kafka import TopicPartition

    consumer = reader(settings.bootstrap_servers, security, max_poll_records=_AT_ONCE)
    try:
        ends = {TopicPartition(settings.applications_topic, p): end for p, (_, end) in wanted.offsets.items()}
        consumer.assign(list(ends))
        for tp in ends:
            consumer.seek(tp, wanted.offsets[tp.partition][0])
        last_news = time.monotonic()
        while ends:
            polled = consumer.poll(timeout_ms=200)
            records = [r for tp, some in polled.items() for r in some if r.offset < ends.get(tp, 0)]
            if records:
                last_news = time.monotonic()
                yield records
            for tp in [tp for tp, end in ends.items() if consumer.position(tp) >= end]:
                del ends[tp]
                consumer.pause(tp)
            if time.monotonic() - last_news > _STUCK_S:
                raise DependencyUnavailable(f"{settings.applications_topic} cannot be read on; is the broker up?")
    finally:
        consumer.close(autocommit=False)


def replay(
    settings: StreamingSettings,
    wanted: ReplayRange,
    into: str,
    decider: Decider,
    security: KafkaSecurity | None = None,
    *,
    partitions: int = 4,
    depth: int = 2,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Replayed:
    """Decide the range again and write decisions to `into`, the audit to `into`-audit and dead letters to `into`-dlq.

    decider: decides with the model wanted; depth: micro-batches decided at the same time; progress: (done, of). The
    audit's door is `replay`. Raises SettingsError where `into` is a live topic or has records already, and
    DependencyUnavailable where the brokers did not take everything: then name another topic and start again.
    """
    from kafka import KafkaProducer
    from kafka.errors import KafkaError

    security = security or KafkaSecurity()
    topics = [into, f"{into}-audit", f"{into}-dlq"]
    _require_own(settings, topics)
    specs = [TopicSpec(topic, retention_days=30, max_message_bytes=16 * MEBIBYTE) for topic in topics]
    ensure_topics(settings.bootstrap_servers, partitions, specs=specs, security=security.client_options())
    _require_empty(settings, topics, security)
    publisher = Publisher(topics[0], topics[1], topics[2], settings.max_output_bytes, door="replay")
    failures: list[BaseException] = []
    producer = KafkaProducer(
        bootstrap_servers=settings.bootstrap_servers.split(","),
        compression_type=settings.compression,
        batch_size=MEBIBYTE,
        linger_ms=20,
        max_request_size=settings.max_output_bytes + 64 * 1024,
        **security.client_options(),
    )
    begin = time.monotonic()
    done = decisions = letters = 0
    try:
        for count, outputs in _decided(settings, wanted, decider, publisher, depth, security):
            for output in outputs.records:
                producer.send(output.topic, output.value, output.key, output.headers).add_errback(failures.append)
            done, decisions, letters = done + count, decisions + outputs.decisions, letters + outputs.dead_letters
            progress(done, len(wanted))
            if failures:
                break
        producer.flush(timeout=60)
    except KafkaError as error:
        failures.append(error)
    finally:
        producer.close(timeout=5)
    if failures:
        raise DependencyUnavailable(f"the replay is not complete ({failures[0]}); replay into another topic")
    return Replayed(done, decisions, letters, time.monotonic() - begin, into)


def _decided(
    settings: StreamingSettings,
    wanted: ReplayRange,
    decider: Decider,
    publisher: Publisher,
    depth: int,
    security: KafkaSecurity,
) -> Iterator[tuple[int, Outputs]]:
    patient, cancelled = PatientDecider(decider, settings.max_backoff_s), threading.Event()

    with ThreadPoolExecutor(depth) as pool:
        waiting = []
        try:
            for records in read_range(settings, wanted, security):
                waiting.append(
                    (len(records), pool.submit(answer, read_records(records), patient, publisher, cancelled))
                )
                if len(waiting) >= depth:
                    count, future = waiting.pop(0)
                    yield count, future.result()
            for count, future in waiting:
                yield count, future.result()
        finally:
            cancelled.set()


def _require_own(settings: StreamingSettings, topics: list[str]) -> None:
    live = {settings.applications_topic, settings.decisions_topic, settings.audit_topic, settings.dead_letters_topic}
    if live & set(topics):
        raise SettingsError(f"{topics[0]} is a live topic; replay into one of its own")


def _require_empty(settings: StreamingSettings, topics: list[str], security: KafkaSecurity) -> None:
    from kafka import TopicPartition

    consumer = reader(settings.bootstrap_servers, security)
    try:
        partitions = [TopicPartition(t, p) for t in topics for p in consumer.partitions_for_topic(t)]
        if any(consumer.end_offsets(partitions).values()):
            raise SettingsError(f"{topics[0]} has records already; replay into a new topic")
    finally:
        consumer.close(autocommit=False)
