"""Reads the outcomes and the shadow topic in a thread of its own: late and rare, they never hold up the audit topic.

Outside any group; each topic's offsets stand in the store, in the transaction of what was read.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from credit.wire.outcome import ObservedOutcome, parse_outcome
from monitoring.exposition import MonitorMetrics
from monitoring.outcomes.label_store import LabelStore

log = logging.getLogger(__name__)
TakeValues = Callable[[Sequence[bytes | None], dict[str, int]], None]


class ValuedRecord(Protocol):
    """A record: its offset and its bytes, None where it has none."""

    @property
    def offset(self) -> int: ...

    @property
    def value(self) -> bytes | None: ...


class SideConsumer(Protocol):
    """A consumer outside any group; partitions are kafka-python's TopicPartition."""

    def topics(self) -> set[str]: ...

    def partitions_for_topic(self, topic: str) -> set[int] | None: ...

    def assignment(self) -> set[Any]: ...

    def assign(self, partitions: list[Any]) -> None: ...

    def seek(self, partition: Any, offset: int) -> None: ...

    def poll(self, timeout_ms: int, max_records: int | None = None) -> Mapping[Any, Sequence[ValuedRecord]]: ...

    def close(self, autocommit: bool = True) -> None: ...


class SideTopics(threading.Thread):
    """Reads topics into the store: `takes` says for each topic who takes its values and the offsets to go on from."""

    def __init__(
        self,
        open_consumer: Callable[[], SideConsumer],
        store: LabelStore,
        takes: dict[str, TakeValues],
        poll_ms: int = 1000,
        retry_s: float = 5.0,
    ) -> None:
        super().__init__(name="side-topics", daemon=True)
        self._open, self._store, self._takes = open_consumer, store, takes
        self._poll_ms, self._retry_s = poll_ms, retry_s
        self._ended = threading.Event()

    def stop(self) -> None:
        """End the thread after its next poll."""
        self._ended.set()

    def run(self) -> None:
        """Read until stopped; a broker that is away, or a topic that does not exist yet, is tried again."""
        consumer: SideConsumer | None = None
        while not self._ended.is_set():
            try:
                if consumer is None:
                    consumer = self._open()
                if not self._assign(consumer):
                    self._ended.wait(self._retry_s)
                    continue
                self._take(consumer.poll(timeout_ms=self._poll_ms, max_records=2000))
            except Exception as error:  # noqa: BLE001 - outlives whatever the client raises, and begins anew
                log.warning("reading %s: %s", ", ".join(self._takes), error)
                consumer = None
                self._ended.wait(self._retry_s)
        if consumer is not None:
            consumer.close(autocommit=False)

    def _assign(self, consumer: SideConsumer) -> bool:
        from kafka import TopicPartition

        there = consumer.topics() if len(consumer.assignment()) == 0 else set()
        if not there:
            return bool(consumer.assignment())
        wanted = [
            TopicPartition(topic, number)
            for topic in self._takes
            if topic in there
            for number in sorted(consumer.partitions_for_topic(topic) or ())
        ]
        if not wanted:
            return False
        consumer.assign(wanted)
        for place in wanted:
            offset = self._store.offset(f"{place.topic}-{place.partition}")
            if offset is not None:
                consumer.seek(place, offset)
        return True

    def _take(self, polled: Mapping[Any, Sequence[ValuedRecord]]) -> None:
        for place, records in polled.items():
            if records:
                offsets = {f"{place.topic}-{place.partition}": records[-1].offset + 1}
                self._takes[place.topic]([record.value for record in records], offsets)


def outcome_taker(store: LabelStore, metrics: MonitorMetrics) -> TakeValues:
    """Return who takes the outcomes topic; what is no outcome is counted and passed over."""

    def take(values: Sequence[bytes | None], offsets: dict[str, int]) -> None:
        outcomes: list[ObservedOutcome] = []
        for value in values:
            try:
                outcomes.append(parse_outcome(value))
            except ValueError:
                metrics.bad_outcomes.inc()
        store.add_outcomes(outcomes, offsets)

    return take
