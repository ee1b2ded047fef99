"""Reconciles what the gateways' group has committed with what audit records answer, every few seconds, in a thread.

The audit topic is read once, by the monitor's own loop; this thread asks the broker for offsets, and where a committed
offset has no answer it looks whether a record stands there at all. The loop never waits for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from credit.errors import DependencyUnavailable
from credit.wire.coverage import Offsets, Span
from monitoring import metrics as m
from monitoring.metrics import MonitorMetrics, Sample
from monitoring.watches.completeness import BrokerOffsets, Completeness, PartitionTally

log = logging.getLogger(__name__)

# Beyond this many records between two holes a seek is quicker than reading on.
_READ_ON = 2000
_IDLE_POLLS = 60


class CompletenessWatch(threading.Thread):
    """Looks every `every_s` seconds, once the audit records of its last look have been folded."""

    def __init__(
        self,
        options: dict[str, Any],
        gateway_group: str,
        completeness: Completeness,
        metrics: MonitorMetrics,
        applications_topic: str,
        audit_topic: str,
        every_s: float = 2.0,
    ) -> None:
        super().__init__(name="completeness-watch", daemon=True)
        self._options, self._group, self._every_s = options, gateway_group, every_s
        self._completeness, self._metrics = completeness, metrics
        self._applications, self._audit = applications_topic, audit_topic
        self._look: BrokerOffsets | None = None
        self._known: dict[int, list[Span]] = {}
        self._ended = threading.Event()

    def stop(self) -> None:
        """End the thread at its next look."""
        self._ended.set()

    def run(self) -> None:
        """Look until stopped; a broker that is away is tried again."""
        consumers: list[Any] = []
        while not self._ended.wait(self._every_s):
            try:
                consumers = consumers or [
                    self._open("read_committed", self._group),
                    self._open("read_uncommitted"),
                    self._open("read_committed"),
                ]
                self.step(*consumers)
            except Exception as error:  # noqa: BLE001 - a watch must outlive whatever the client raises
                log.warning("reconciling %s: %s", self._applications, error)
                _close(consumers)
                consumers = []
        _close(consumers)

    def step(self, group: Any, log_ends: Any, records: Any) -> None:
        """Look at the broker, end the look if all that it needs has been folded, and set the gauges.

        group: a consumer that asks for the gateways' offsets; log_ends: one that sees open transactions; records: one
        that reads committed records.
        """
        if self._look is None:
            self._look = self._look_at(group, log_ends)
        if self._look is not None:
            holes = self._completeness.unexplained(self._look)
            if holes is not None:
                there = {p: offsets_of(records, self._applications, p, some) for p, some in holes.items()}
                self._completeness.explain(self._look, holes, there, time.time())
                self._look = None
        tallies, checked_s = self._completeness.tallies(), self._completeness.checked_s
        self._metrics.computed.replace("completeness", completeness_gauges(tallies, checked_s, self._applications))
        self._tell(self._completeness.gaps())

    def _look_at(self, group: Any, log_ends: Any) -> BrokerOffsets | None:
        from kafka import TopicPartition

        numbers = {t: group.partitions_for_topic(t) or set() for t in (self._applications, self._audit)}
        if not all(numbers.values()):
            return None
        sources = [TopicPartition(self._applications, n) for n in sorted(numbers[self._applications])]
        audits = [TopicPartition(self._audit, n) for n in sorted(numbers[self._audit])]
        begins = group.beginning_offsets(sources)
        offsets = {tp: group.committed(tp, timeout_ms=10_000) for tp in sources}
        # A commit is answered before its markers stand in every partition: only the log's own end is behind them all.
        ends = log_ends.end_offsets(audits)
        return BrokerOffsets(
            {tp.partition: offset for tp, offset in begins.items()},
            {tp.partition: offset for tp, offset in offsets.items() if offset is not None},
            {tp.partition: offset for tp, offset in group.beginning_offsets(audits).items()},
            {tp.partition: offset for tp, offset in ends.items()},
        )

    def _tell(self, gaps: dict[int, list[Span]]) -> None:
        for partition, some in gaps.items():
            for gap in some:
                if gap not in self._known.get(partition, ()):
                    log.error("no answer to %s %d:%d to %d", self._applications, partition, gap.first, gap.last)
        self._known = gaps

    def _open(self, isolation_level: str, group: str | None = None) -> Any:
        import kafka

        # Reading a group's committed offsets does not join it: the one with the group never subscribes nor polls.
        return kafka.KafkaConsumer(
            group_id=group,
            client_id="loanstream-monitor-completeness",
            isolation_level=isolation_level,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=256 * 1024,
            **self._options,
        )


def offsets_of(consumer: Any, topic: str, partition: int, holes: Sequence[Span]) -> list[int]:
    """Return the offsets within `holes`, which are in order, at which a committed record stands.

    Raises DependencyUnavailable where the broker does not let them be read.
    """
    from kafka import TopicPartition

    tp = TopicPartition(topic, partition)
    consumer.assign([tp])
    if holes and consumer.end_offsets([tp])[tp] <= holes[-1].last:
        # Taking what cannot be read for empty would hide a gap.
        raise DependencyUnavailable(f"{tp} ends before offset {holes[-1].last}, which was consumed; was it made anew?")
    wanted, found = Offsets(holes), list[int]()
    at, idle = -1, 0
    for hole in holes:
        if at < 0 or hole.first - at > _READ_ON:
            consumer.seek(tp, hole.first)
            at = hole.first
        while at <= hole.last:
            polled = consumer.poll(timeout_ms=500).get(tp, [])
            found += [record.offset for record in polled if record.offset in wanted]
            before, at = at, consumer.position(tp)
            idle = 0 if at > before else idle + 1
            if idle > _IDLE_POLLS:
                raise DependencyUnavailable(f"{tp} cannot be read at offset {at}; is the broker up?")
    return found


def completeness_gauges(tallies: Mapping[int, PartitionTally], checked_s: float, topic: str) -> dict[str, list[Sample]]:
    """Return name -> (labels, value) pairs; nothing before the first look has ended."""
    if not tallies:
        return {}
    pick: dict[str, Callable[[PartitionTally], int]] = {
        m.COMPLETENESS_GAP: lambda tally: tally.gap,
        m.COMPLETENESS_OVERLAP: lambda tally: tally.overlap,
        m.COMPLETENESS_COVERED: lambda tally: tally.covered,
    }
    gauges: dict[str, list[Sample]] = {
        name: [({"topic": topic, "partition": str(p)}, float(value(tally))) for p, tally in tallies.items()]
        for name, value in pick.items()
    }
    gauges[m.COMPLETENESS_CHECKED] = [({}, checked_s)]
    return gauges


def _close(consumers: Sequence[Any]) -> None:
    for consumer in consumers:
        try:
            consumer.close(autocommit=False)
        except Exception as error:  # noqa: BLE001 - it is given up either way, and the watch goes on
            log.info("closing a consumer: %s", error)
