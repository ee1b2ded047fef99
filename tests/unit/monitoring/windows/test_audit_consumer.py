"""The loop that reads the audit topic, on a consumer by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry

from monitoring.exposition import MonitorMetrics
from monitoring.watches.completeness import Completeness
from monitoring.windows.audit_consumer import AuditConsumer
from monitoring.windows.monitor import Monitor
from monitoring.windows.snapshots import SnapshotFolder
from tests.fixtures import audited


class AuditPlace(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int


AUDIT = AuditPlace("loan-audit", 0)


class FakeAuditRecords:
    """One partition's records, given out a poll at a time; a paused partition gives none."""

    def __init__(self, values: list[bytes]) -> None:
        self.records = [SimpleNamespace(offset=i, value=value) for i, value in enumerate(values)]
        self.at = 0
        self.polls_paused = 0
        self.closed = False
        self._paused: set[Any] = set()

    def subscribe(self, topics: list[str], *, listener: Any) -> None:
        self.listener = listener

    def poll(self, timeout_ms: int) -> Mapping[Any, list[Any]]:
        if self._paused:
            self.polls_paused += 1
            return {}
        some = self.records[self.at : self.at + 2]
        self.at += len(some)
        return {AUDIT: some} if some else {}

    def assignment(self) -> set[Any]:
        return {AUDIT}

    def paused(self) -> set[Any]:
        return self._paused

    def pause(self, *partitions: Any) -> None:
        self._paused = set(partitions)

    def resume(self, *partitions: Any) -> None:
        self._paused -= set(partitions)

    def seek(self, partition: Any, offset: int) -> None:
        self.at = offset

    def position(self, partition: Any, timeout_ms: int | None = None) -> int | None:
        return self.at

    def end_offsets(self, partitions: list[Any]) -> dict[Any, int]:
        return {AUDIT: len(self.records)}

    def close(self, autocommit: bool = True) -> None:
        self.closed = True


def records(count: int) -> list[bytes]:
    return [audited.audit(audited.rows(10, i), audited.START_MS + i) for i in range(count)]


def monitor(folder: Path, references: audited.HeldReferences, metrics: MonitorMetrics) -> Monitor:
    return Monitor(
        audited.SMALL,
        references,
        SnapshotFolder(folder, "loan-audit"),
        metrics,
        completeness=Completeness("loan-applications"),
    )


def test_it_goes_on_where_the_snapshot_ends(tmp_path: Path) -> None:
    """What was folded before a stop is not read again: the partition is sought to the offset of its snapshot."""
    metrics = MonitorMetrics(CollectorRegistry())
    references = audited.HeldReferences(audited.reference())
    first, consumer = monitor(tmp_path, references, metrics), FakeAuditRecords(records(5))
    reader = AuditConsumer(consumer, first, metrics, lambda: None)
    reader.on_assigned([AUDIT])
    reader.step()
    reader.on_revoked([AUDIT])
    assert first.states == {}
    second, again = monitor(tmp_path, references, metrics), FakeAuditRecords(records(5))
    reader = AuditConsumer(again, second, metrics, lambda: None)
    reader.on_assigned([AUDIT])
    assert again.at == 2
    for _ in range(2):
        reader.step()
    assert second.states[0].decisions == 50
    assert metrics.registry.get_sample_value("loanstream_decisions_total", COUNTED) is not None


COUNTED = {"outcome": "approve", "door": "kafka", "model_version": "1"}


def test_lag_is_what_is_between_the_position_and_the_end(tmp_path: Path) -> None:
    """After one poll of two of five records, three are not read yet."""
    metrics = MonitorMetrics(CollectorRegistry())
    held = monitor(tmp_path, audited.HeldReferences(audited.reference()), metrics)
    reader = AuditConsumer(FakeAuditRecords(records(5)), held, metrics, lambda: None)
    reader.on_assigned([AUDIT])
    reader.step()
    assert metrics.registry.get_sample_value("loanstream_monitor_audit_lag_records") == 3.0


def test_polling_goes_on_paused_while_a_reference_is_on_its_way(tmp_path: Path) -> None:
    """Nothing is folded and nothing more read until it comes; then what was polled is folded once."""
    metrics = MonitorMetrics(CollectorRegistry())
    references = audited.HeldReferences(audited.reference())
    references.late = {"1"}
    held, consumer = monitor(tmp_path, references, metrics), FakeAuditRecords(records(4))
    seen: list[int] = []

    def idle() -> None:
        seen.append(held.states[0].decisions)
        if len(seen) == 3:
            references.late.clear()

    reader = AuditConsumer(consumer, held, metrics, idle)
    reader.on_assigned([AUDIT])
    reader.step()
    assert seen == [0, 0, 0]
    assert consumer.polls_paused == 3
    assert consumer.paused() == set()
    assert held.states[0].decisions == 20


def test_it_saves_and_leaves_when_it_is_stopped(tmp_path: Path) -> None:
    """`stop` ends the loop, the state is on disk and the consumer closed."""
    metrics = MonitorMetrics(CollectorRegistry())
    references = audited.HeldReferences(audited.reference())
    held, consumer = monitor(tmp_path, references, metrics), FakeAuditRecords(records(2))

    def idle() -> None:
        reader.stop()

    reader = AuditConsumer(consumer, held, metrics, idle)
    reader.on_assigned([AUDIT])
    reader.run()
    assert consumer.closed
    saved = SnapshotFolder(tmp_path, "loan-audit").load(0)
    assert saved is not None
    assert saved.offset == 2
