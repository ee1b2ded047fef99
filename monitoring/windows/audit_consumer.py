"""The Kafka edge of the monitor: one thread that reads the audit topic and hands payloads to the monitor.

Offsets are kept in the monitor's snapshots, with the state that they belong to; what is committed to the group is only
for those who look at the group from outside.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from credit.wire.topics import AUDIT_TOPIC
from monitoring.exposition import MonitorMetrics
from monitoring.windows.decoding import AuditPayload, DecodedPayloads
from monitoring.windows.monitor import Monitor

log = logging.getLogger(__name__)

POLL_MS = 1000


class AuditRecords(Protocol):
    """A member of the monitors' group; partitions are kafka-python's TopicPartition."""

    def subscribe(self, topics: list[str], *, listener: Any) -> None: ...

    def poll(self, timeout_ms: int) -> Mapping[Any, Sequence[PolledRecord]]: ...

    def assignment(self) -> set[Any]: ...

    def paused(self) -> set[Any]: ...

    def pause(self, *partitions: Any) -> None: ...

    def resume(self, *partitions: Any) -> None: ...

    def seek(self, partition: Any, offset: int) -> None: ...

    def position(self, partition: Any, timeout_ms: int | None = None) -> int | None: ...

    def end_offsets(self, partitions: list[Any]) -> dict[Any, int]: ...

    def close(self, autocommit: bool = True) -> None: ...


class PolledRecord(Protocol):
    """A record of the audit topic."""

    @property
    def offset(self) -> int: ...

    @property
    def value(self) -> bytes | None: ...


class AuditConsumer:
    """Reads the audit topic until told to stop; `idle` is called between polls, to tick, snapshot and so on."""

    def __init__(
        self,
        consumer: AuditRecords,
        monitor: Monitor,
        metrics: MonitorMetrics,
        idle: Callable[[], None],
        topic: str = AUDIT_TOPIC,
    ) -> None:
        self._consumer, self._monitor, self._metrics, self._idle, self._topic = consumer, monitor, metrics, idle, topic
        self._stopping = False
        self._looked_at = 0.0

    def stop(self) -> None:
        """Ask the loop to end; safe from any thread and from a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Read until stopped, then save the state and leave the group."""
        from kafka.errors import KafkaError

        self._consumer.subscribe([self._topic], listener=_listener(self))
        try:
            while not self._stopping:
                try:
                    self.step()
                except KafkaError as error:
                    # A broker that is away comes back, or an alert tells of the stale watermark.
                    log.warning("reading %s: %s", self._topic, error)
                    time.sleep(1.0)
                self._idle()
        finally:
            self._monitor.snapshot()
            self._consumer.close(autocommit=False)

    def step(self) -> None:
        """Poll once and fold what came, waiting for references with the partitions paused."""
        polled = self._consumer.poll(timeout_ms=POLL_MS)
        batch = [
            self._monitor.decode(tp.partition, [AuditPayload(record.offset, record.value) for record in records])
            for tp, records in polled.items()
            if records and tp.partition in self._monitor.states
        ]
        self._wait_for_references(batch)
        for decoded in batch:
            self._monitor.add(decoded)
        self._tell_positions()
        self._look_at_lag()

    def _wait_for_references(self, batch: list[DecodedPayloads]) -> None:
        if self._monitor.ready(batch):
            return
        # Polling paused partitions keeps the membership alive; a partition lost meanwhile is skipped by add().
        paused = self._consumer.assignment()
        self._consumer.pause(*paused)
        while not self._stopping and not self._monitor.ready(batch):
            self._consumer.poll(timeout_ms=POLL_MS)
            self._idle()
        if self._stopping:
            batch.clear()
        still = [tp for tp in self._consumer.assignment() if tp in self._consumer.paused()]
        if still:
            self._consumer.resume(*still)

    def _tell_positions(self) -> None:
        # Positions pass the markers of transactions, which are never returned as records: only they reach the end.
        if self._monitor.completeness is not None and not self._stopping:
            assignment = self._consumer.assignment()
            positions = {tp.partition: self._consumer.position(tp, timeout_ms=100) for tp in assignment}
            self._monitor.completeness.read_to({p: at for p, at in positions.items() if at is not None})

    def _look_at_lag(self, every_s: float = 5.0) -> None:
        now = time.monotonic()
        if now - self._looked_at < every_s:
            return
        self._looked_at = now
        assignment = list(self._consumer.assignment())
        if assignment:
            ends = self._consumer.end_offsets(assignment)
            lag = sum(max(ends[tp] - (self._consumer.position(tp) or 0), 0) for tp in assignment)
            self._metrics.audit_lag.set(lag)

    def on_assigned(self, partitions: Iterable[Any]) -> None:
        """Take partitions over at the offsets of their snapshots."""
        by_number = {tp.partition: tp for tp in partitions}
        for number, offset in self._monitor.assigned(by_number).items():
            if offset is not None:
                self._consumer.seek(by_number[number], offset)

    def on_revoked(self, partitions: Iterable[Any]) -> None:
        """Give partitions up, their states saved."""
        self._monitor.revoked(tp.partition for tp in partitions)


def _listener(reader: AuditConsumer) -> Any:
    from kafka import ConsumerRebalanceListener

    class AuditListener(ConsumerRebalanceListener):  # type: ignore[misc]
        def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
            reader.on_assigned(assigned)

        def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
            reader.on_revoked(revoked)

    return AuditListener()
