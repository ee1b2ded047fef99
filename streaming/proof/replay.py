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

from credit.errors import DependencyUnavailable, SettingsError
from streaming.batch.answer import answer
from streaming.batch.deciding import Decider, PatientDecider
from streaming.batch.intake import read_records
from streaming.batch.publish import Outputs, Publisher
from streaming.kafka.admin import ensure_topics
from streaming.kafka.reading import end_positions, read_spans, spans_between
from streaming.kafka.records import Record
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.sender import Sender
from streaming.kafka.topics import APPLICATIONS_RETENTION_DAYS, TopicSpec
from streaming.settings import MEBIBYTE, StreamingSettings

# Offsets and time do not change a decision, so a replay need not be exactly once: it is complete, or it fails.
_AT_ONCE = 500
_FLUSH_TIMEOUT_S = 60.0


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
    spans = spans_between(settings.bootstrap_servers, settings.applications_topic, from_ms, to_ms, security)
    lowest, highest = from_offsets or {}, to_offsets or {}
    bounded = {
        partition: (max(first, lowest.get(partition, 0)), min(end, highest.get(partition, end)))
        for partition, (first, end) in spans.items()
    }
    offsets = {partition: (first, end) for partition, (first, end) in bounded.items() if end > first}
    if not offsets:
        raise SettingsError(
            "there are no applications between these times or offsets; name a longer or a later range: "
            f"{settings.applications_topic} keeps them {APPLICATIONS_RETENTION_DAYS} days, unless its retention was set"
        )
    return ReplayRange(offsets)


def read_range(
    settings: StreamingSettings, wanted: ReplayRange, security: KafkaSecurity | None = None
) -> Iterator[list[Record]]:
    """Yield the range's committed records, some hundreds at a time, each partition in order."""
    return read_spans(
        settings.bootstrap_servers, settings.applications_topic, wanted.offsets, security, at_once=_AT_ONCE
    )


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
    security = security or KafkaSecurity()
    topics = [into, f"{into}-audit", f"{into}-dlq"]
    _require_own(settings, topics)
    specs = [TopicSpec(topic, retention_days=30, max_message_bytes=16 * MEBIBYTE) for topic in topics]
    ensure_topics(settings.bootstrap_servers, partitions, specs=specs, security=security.client_options())
    _require_empty(settings, topics, security)
    publisher = Publisher(topics[0], topics[1], topics[2], settings.max_output_bytes, door="replay")
    begin = time.monotonic()
    done = decisions = letters = 0
    with Sender(
        settings.bootstrap_servers,
        security,
        compression_type=settings.compression,
        batch_size=MEBIBYTE,
        linger_ms=20,
        max_request_size=settings.max_output_bytes + 64 * 1024,
    ) as sender:
        for count, outputs in _decided(settings, wanted, decider, publisher, depth, security):
            for output in outputs.records:
                sender.send(output.topic, output.value, output.key, output.headers)
            done, decisions, letters = done + count, decisions + outputs.decisions, letters + outputs.dead_letters
            progress(done, len(wanted))
            if sender.failure is not None:
                break
        sender.flush(_FLUSH_TIMEOUT_S)
    if sender.failure is not None:
        raise DependencyUnavailable(f"the replay is not complete ({sender.failure}); replay into another topic")
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
    if any(end_positions(settings.bootstrap_servers, topics, security).at.values()):
        raise SettingsError(f"{topics[0]} has records already; replay into a new topic")
