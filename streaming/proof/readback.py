"""Counting what is in the topics, from the topics alone: the proof that in = decided + dead letters.

Reads committed records only, shares nothing with the gateway but the message formats, and remembers every id it saw.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from credit.errors import DependencyUnavailable
from streaming.kafka.clients import reader
from streaming.kafka.security import KafkaSecurity

_IDLE_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Positions:
    """Where each partition of some topics stands: (topic, partition) -> next offset."""

    at: dict[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class Proof:
    """What went in, what came out, and what does not add up; `lost` and `doubled` are application ids or positions."""

    applications_in: int
    decisions: int
    dead_letters: int
    outcomes: dict[str, int]
    lost: list[str]
    doubled: list[str]
    unexpected: list[str]

    @property
    def holds(self) -> bool:
        """Whether each application in has exactly one decision or dead letter, and nothing else came out."""
        return not (self.lost or self.doubled or self.unexpected)

    def line(self) -> str:
        """Return the proof as one line for people."""
        return (
            f"{self.applications_in} in = {self.decisions} decisions + {self.dead_letters} dead letters; "
            f"lost {len(self.lost)}, doubled {len(self.doubled)}, unexpected {len(self.unexpected)}"
        )


def end_positions(bootstrap: str, topics: list[str], security: KafkaSecurity | None = None) -> Positions:
    """Return the topics' ends as a reader of committed records sees them now."""
    consumer = reader(bootstrap, security)
    try:
        partitions = _partitions(consumer, topics)
        ends = consumer.end_offsets(partitions)
        return Positions({(tp.topic, tp.partition): offset for tp, offset in ends.items()})
    finally:
        consumer.close(autocommit=False)


def read_topics(
    bootstrap: str,
    topics: list[str],
    since: Positions | None = None,
    security: KafkaSecurity | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Any]:
    """Yield every committed record of the topics from `since` (or the beginning) to their ends as of this call.

    A commit is answered before its markers stand in every partition, and a reader of committed records cannot pass
    them until then. So the ends are those of the log, and transactions open at this moment are waited for.
    """
    consumer = reader(bootstrap, security)
    try:
        partitions = _partitions(consumer, topics)
        consumer.assign(partitions)
        ends = _log_ends(bootstrap, security, partitions)
        starts = consumer.beginning_offsets(partitions)
        left: dict[Any, int] = {}
        for tp in partitions:
            start = max(starts[tp], (since.at.get((tp.topic, tp.partition), 0) if since else 0))
            consumer.seek(tp, start)
            if ends[tp] > start:
                left[tp] = ends[tp]
        count, idle_since = 0, time.monotonic()
        while left:
            polled = consumer.poll(timeout_ms=500)
            for tp, records in polled.items():
                for record in records:
                    if record.offset < left.get(tp, 0):
                        count += 1
                        yield record
            # The end can be a transaction's marker, which is never returned: the position passes it all the same.
            done = [tp for tp, end in left.items() if consumer.position(tp) >= end]
            for tp in done:
                del left[tp]
            if polled or done:
                idle_since = time.monotonic()
                progress(count)
            elif time.monotonic() - idle_since > _IDLE_LIMIT_S:
                raise DependencyUnavailable(
                    f"the topics cannot be read to their end (stuck at {sorted(left)}); is the broker up?"
                )
    finally:
        consumer.close(autocommit=False)


def prove(
    bootstrap: str,
    applications_topic: str,
    decisions_topic: str,
    dead_letters_topic: str,
    since: Positions | None = None,
    security: KafkaSecurity | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Proof:
    """Read the three topics back and match every application to its decision or its dead letter.

    since: `end_positions` of these topics from before, so that only what came later counts. An application that was
    sent twice is owed two answers. Dead letters are matched by the source position in their headers.
    """
    owed: Counter[str] = Counter()
    positions: dict[tuple[int, int], str] = {}
    for record in read_topics(bootstrap, [applications_topic], since, security):
        name = _application_id(record)
        owed[name] += 1
        positions[record.partition, record.offset] = name
    progress(f"{sum(owed.values())} applications read back")
    answered: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for record in read_topics(bootstrap, [decisions_topic], since, security):
        document = from_json(record.value)
        answered[document["application_id"]] += 1
        outcomes[document["outcome"]] += 1
    decisions = sum(answered.values())
    progress(f"{decisions} decisions read back")
    letters = 0
    unexpected: list[str] = []
    for record in read_topics(bootstrap, [dead_letters_topic], since, security):
        letters += 1
        headers = dict(record.headers)
        at = (int(headers["loanstream.source.partition"]), int(headers["loanstream.source.offset"]))
        if at in positions:
            answered[positions[at]] += 1
        else:
            unexpected.append(f"dead letter of {at[0]}:{at[1]}")
    unexpected += [name for name in answered if name not in owed]
    lost = sorted((owed - answered).elements())
    doubled = sorted((answered - owed).elements())
    doubled = [name for name in doubled if name in owed]
    return Proof(sum(owed.values()), decisions, letters, dict(outcomes), lost, doubled, unexpected)


def _application_id(record: Any) -> str:
    # As the contract has it: the envelope's id, or the client's, and for what is neither the record's own position.
    try:
        document = from_json(record.value)
        return str(document.get("application_id") or document["application"]["SK_ID_CURR"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"record {record.partition}:{record.offset}"


def _log_ends(bootstrap: str, security: KafkaSecurity | None, partitions: list[Any]) -> dict[Any, int]:
    consumer = reader(bootstrap, security, isolation_level="read_uncommitted")
    try:
        ends: dict[Any, int] = consumer.end_offsets(partitions)
        return ends
    finally:
        consumer.close(autocommit=False)


def _partitions(consumer: Any, topics: list[str]) -> list[Any]:
    from kafka import TopicPartition

    partitions = [TopicPartition(topic, p) for topic in topics for p in sorted(consumer.partitions_for_topic(topic))]
    if not partitions:
        raise DependencyUnavailable(f"the topics {', '.join(topics)} are not there; has the stack been started once?")
    return partitions
