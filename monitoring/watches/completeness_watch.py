"""Reconciles what the gateways' group has committed with what audit records answer, every few seconds, in a thread.

The audit topic is read once, by the monitor's own loop; this thread asks the broker for offsets, and where a committed
offset has no answer it looks whether a record stands there at all. The loop never waits for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from credit.wire.coverage import Span
from monitoring import metrics as m
from monitoring.exposition import GaugeSamples, MonitorMetrics
from monitoring.watches.completeness import Completeness
from monitoring.watches.offsets import BrokerOffsets, PartitionTally
from monitoring.watches.record_search import CommittedRecords, offsets_of

log = logging.getLogger(__name__)


class ClosingConsumer(Protocol):
    """A consumer that can be given up."""

    def close(self, autocommit: bool = True) -> None: ...


class GroupOffsets(ClosingConsumer, Protocol):
    """A consumer that asks for what a group has committed; offsets by kafka-python's TopicPartition."""

    def partitions_for_topic(self, topic: str) -> set[int] | None: ...

    def beginning_offsets(self, partitions: Sequence[Any]) -> dict[Any, int]: ...

    def committed(self, partition: Any, timeout_ms: int | None = None) -> int | None: ...


class LogEnds(ClosingConsumer, Protocol):
    """A consumer that sees where logs end, open transactions among them."""

    def end_offsets(self, partitions: Sequence[Any]) -> dict[Any, int]: ...


class SearchedRecords(ClosingConsumer, CommittedRecords, Protocol):
    """A consumer that looks for single records."""


class CompletenessWatch(threading.Thread):
    """Looks every `every_s` seconds, once the audit records of its last look have been folded.

    `quiet_s` later where a look found what the one before it had found.
    """

    def __init__(
        self,
        open_group: Callable[[], GroupOffsets],
        open_log_ends: Callable[[], LogEnds],
        open_records: Callable[[], SearchedRecords],
        completeness: Completeness,
        metrics: MonitorMetrics,
        applications_topic: str,
        audit_topic: str,
        every_s: float = 2.0,
        quiet_s: float = 10.0,
    ) -> None:
        super().__init__(name="completeness-watch", daemon=True)
        self._open_group, self._open_log_ends, self._open_records = open_group, open_log_ends, open_records
        self._every_s, self._quiet_s = every_s, quiet_s
        self._completeness, self._metrics = completeness, metrics
        self._applications, self._audit = applications_topic, audit_topic
        self._look: BrokerOffsets | None = None
        self._ended_look: BrokerOffsets | None = None
        self.quiet = False
        self._known: dict[int, list[Span]] = {}
        self._ended = threading.Event()

    def stop(self) -> None:
        """End the thread at its next look."""
        self._ended.set()

    def run(self) -> None:
        """Look until stopped; a broker that is away is tried again."""
        consumers: tuple[GroupOffsets, LogEnds, SearchedRecords] | None = None
        while not self._ended.wait(self._quiet_s if self.quiet else self._every_s):
            try:
                consumers = consumers or (self._open_group(), self._open_log_ends(), self._open_records())
                self.step(*consumers)
            except Exception as error:  # noqa: BLE001 - a watch must outlive whatever the client raises
                log.warning("reconciling %s: %s", self._applications, error)
                _close(consumers or ())
                consumers = None
        _close(consumers or ())

    def step(self, group: GroupOffsets, log_ends: LogEnds, records: CommittedRecords) -> None:
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
                self.quiet = self._look == self._ended_look
                self._ended_look, self._look = self._look, None
        tallies, checked_s = self._completeness.tallies(), self._completeness.checked_s
        self._metrics.computed.replace("completeness", completeness_gauges(tallies, checked_s, self._applications))
        self._tell(self._completeness.gaps())

    def _look_at(self, group: GroupOffsets, log_ends: LogEnds) -> BrokerOffsets | None:
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


def completeness_gauges(tallies: Mapping[int, PartitionTally], checked_s: float, topic: str) -> GaugeSamples:
    """Return name -> (labels, value) pairs; nothing before the first look has ended."""
    if not tallies:
        return {}
    pick: dict[str, Callable[[PartitionTally], int]] = {
        m.COMPLETENESS_GAP: lambda tally: tally.gap,
        m.COMPLETENESS_OVERLAP: lambda tally: tally.overlap,
        m.COMPLETENESS_COVERED: lambda tally: tally.covered,
    }
    gauges: GaugeSamples = {
        name: [({"topic": topic, "partition": str(p)}, float(value(tally))) for p, tally in tallies.items()]
        for name, value in pick.items()
    }
    gauges[m.COMPLETENESS_CHECKED] = [({}, checked_s)]
    return gauges


def _close(consumers: Sequence[ClosingConsumer]) -> None:
    for consumer in consumers:
        try:
            consumer.close(autocommit=False)
        except Exception as error:  # noqa: BLE001 - it is given up either way, and the watch goes on
            log.info("closing a consumer: %s", error)
