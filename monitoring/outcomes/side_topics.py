"""Reads the outcomes and the shadow topic in a thread of its own: late and rare, they never hold up the audit topic.

Outside any group; each topic's offsets stand in the store, in the transaction of what was read.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from monitoring.metrics import MonitorMetrics
from monitoring.outcomes.label_store import LabelStore, ObservedOutcome, parse_outcome

log = logging.getLogger(__name__)
Take = Callable[[Sequence[bytes | None], dict[str, int]], None]


class SideTopics(threading.Thread):
    """Reads topics into the store: `takes` says for each topic who takes its values and the offsets to go on from."""

    def __init__(self, options: dict[str, Any], store: LabelStore, takes: dict[str, Take], poll_ms: int = 1000) -> None:
        super().__init__(name="side-topics", daemon=True)
        self._options, self._store, self._takes, self._poll_ms = options, store, takes, poll_ms
        self._ended = threading.Event()

    def stop(self) -> None:
        """End the thread after its next poll."""
        self._ended.set()

    def run(self) -> None:
        """Read until stopped; a broker that is away, or a topic that does not exist yet, is tried again."""
        consumer: Any = None
        while not self._ended.is_set():
            try:
                if consumer is None:
                    consumer = self._open()
                if not self._assign(consumer):
                    self._ended.wait(self._poll_ms / 1000 * 5)
                    continue
                self._take(consumer.poll(timeout_ms=self._poll_ms, max_records=2000))
            except Exception as error:  # noqa: BLE001 - outlives whatever the client raises, and begins anew
                log.warning("reading %s: %s", ", ".join(self._takes), error)
                consumer = None
                self._ended.wait(5.0)
        if consumer is not None:
            consumer.close(autocommit=False)

    def _open(self) -> Any:
        import kafka

        return kafka.KafkaConsumer(
            client_id="loanstream-monitor",
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            **self._options,
        )

    def _assign(self, consumer: Any) -> bool:
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

    def _take(self, polled: dict[Any, list[Any]]) -> None:
        for place, records in polled.items():
            if records:
                offsets = {f"{place.topic}-{place.partition}": records[-1].offset + 1}
                self._takes[place.topic]([record.value for record in records], offsets)


def outcome_taker(store: LabelStore, metrics: MonitorMetrics) -> Take:
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
