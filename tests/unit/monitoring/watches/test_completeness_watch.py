"""Committed offsets against audit records, a look at a time."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from monitoring import metrics as m
from monitoring.exposition import MonitorMetrics
from monitoring.watches.completeness import Completeness
from monitoring.watches.completeness_watch import CompletenessWatch, completeness_gauges
from monitoring.watches.offsets import AnsweredRecord, PartitionTally

TOPIC = "loan-applications"


def test_the_gauges_name_the_partition_and_vanish_with_the_knowledge() -> None:
    """One series a partition and figure; none before the first look has ended."""
    metrics = MonitorMetrics(CollectorRegistry())
    metrics.computed.replace("completeness", completeness_gauges({3: PartitionTally(10, 2, 1)}, 5.0, TOPIC))
    text = generate_latest(metrics.registry).decode()
    assert f'loanstream_completeness_gap_offsets{{partition="3",topic="{TOPIC}"}} 2.0' in text
    assert f'loanstream_completeness_overlap_offsets{{partition="3",topic="{TOPIC}"}} 1.0' in text
    assert "loanstream_completeness_checked_timestamp_seconds 5.0" in text
    assert completeness_gauges({}, 0.0, TOPIC) == {}


class FakeBroker:
    """The broker as the watch sees it: one source and one audit partition, and where source records stand."""

    def __init__(self, committed: int, audit_end: int, standing: set[int]) -> None:
        self.committed_at, self.audit_end, self.standing = committed, audit_end, standing
        self._at = 0

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return {0}

    def beginning_offsets(self, partitions: Sequence[Any]) -> dict[Any, int]:
        return dict.fromkeys(partitions, 0)

    def committed(self, partition: Any, timeout_ms: int | None = None) -> int | None:
        return self.committed_at

    def end_offsets(self, partitions: Sequence[Any]) -> dict[Any, int]:
        return {tp: self.audit_end if tp.topic == "loan-audit" else self.committed_at for tp in partitions}

    def assign(self, partitions: list[Any]) -> None:
        (self._tp,) = partitions

    def seek(self, partition: Any, offset: int) -> None:
        self._at = offset

    def position(self, partition: Any) -> int:
        return self._at

    def poll(self, timeout_ms: int) -> dict[Any, list[Any]]:
        found = [SimpleNamespace(offset=o) for o in sorted(self.standing) if o >= self._at]
        self._at = self.committed_at
        return {self._tp: found}

    def close(self, autocommit: bool = True) -> None:
        raise AssertionError("nothing went wrong, so nothing is given up")


def no_broker() -> Any:
    raise AssertionError("the broker is given by hand here")


def test_a_look_ends_once_its_audit_records_are_folded(caplog: pytest.LogCaptureFixture) -> None:
    """Before that nothing is told; then a record without an answer is a gap, logged once, and a marker is none."""
    completeness, metrics = Completeness(TOPIC), MonitorMetrics(CollectorRegistry())
    watch = CompletenessWatch(no_broker, no_broker, no_broker, completeness, metrics, TOPIC, "loan-audit")
    broker = FakeBroker(committed=10, audit_end=1, standing={4})
    watch.step(broker, broker, broker)
    assert metrics.computed.samples(m.COMPLETENESS_GAP) == []
    completeness.fold(0, [AnsweredRecord(0, [(TOPIC, 0, 0, 3), (TOPIC, 0, 6, 9)], 8)], 1)
    completeness.read_to({0: 1})
    for _ in range(2):
        watch.step(broker, broker, broker)
    labels = {"topic": TOPIC, "partition": "0"}
    assert metrics.computed.samples(m.COMPLETENESS_GAP) == [(labels, 1.0)]
    assert metrics.computed.samples(m.COMPLETENESS_COVERED) == [(labels, 9.0)]
    assert [record.getMessage() for record in caplog.records] == [f"no answer to {TOPIC} 0:4 to 4"]


def test_a_look_that_finds_what_the_last_one_found_makes_it_quiet() -> None:
    """The watch then looks less often, until anything has moved."""
    completeness, metrics = Completeness(TOPIC), MonitorMetrics(CollectorRegistry())
    watch = CompletenessWatch(no_broker, no_broker, no_broker, completeness, metrics, TOPIC, "loan-audit")
    broker = FakeBroker(committed=4, audit_end=1, standing=set())
    completeness.read_to({0: 2})
    quiet = []
    for committed in (4, 4, 4, 6, 6):
        broker.committed_at = committed
        watch.step(broker, broker, broker)
        quiet.append(watch.quiet)
    assert quiet == [False, True, True, False, True]
