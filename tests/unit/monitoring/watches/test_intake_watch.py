"""What arrives, and how long it waits."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry

from monitoring.exposition import MonitorMetrics
from monitoring.watches.intake_watch import IntakeWatch


def no_broker() -> Any:
    raise AssertionError("offsets are given by hand here")


def test_the_watch_counts_arrivals_and_tells_the_worst_lag() -> None:
    """Lag is the worst partition's, waiting the sum; a partition without a commit waits from its beginning."""
    metrics = MonitorMetrics(CollectorRegistry())
    watch = IntakeWatch(no_broker, metrics)
    watch.note({0: (0, 10, 10), 1: (5, 20, None)}, 100.0)
    watch.note({0: (0, 14, 10), 1: (5, 20, None)}, 130.0)
    assert metrics.computed.value("loanstream_intake_lag_seconds") == 30.0
    assert metrics.computed.value("loanstream_intake_lag_records") == 4 + 15
    assert metrics.registry.get_sample_value("loanstream_intake_applications_total") == 4.0


class CountedBroker:
    """A topic of one partition that counts what it is asked."""

    def __init__(self) -> None:
        self.end, self.committed_at, self.asked = 5, 5, 0

    def partitions_for_topic(self, topic: str) -> set[int]:
        return {0}

    def end_offsets(self, partitions: list[Any]) -> dict[Any, int]:
        self.asked += 1
        return dict.fromkeys(partitions, self.end)

    def beginning_offsets(self, partitions: list[Any]) -> dict[Any, int]:
        self.asked += 1
        return dict.fromkeys(partitions, 0)

    def committed(self, partition: Any) -> int | None:
        self.asked += 1
        return self.committed_at

    def close(self, autocommit: bool = True) -> None: ...


def test_a_quiet_topic_is_asked_for_its_ends_alone() -> None:
    """Until something comes; then everything is looked at until nothing waits any more."""
    broker, metrics = CountedBroker(), MonitorMetrics(CollectorRegistry())
    watch = IntakeWatch(no_broker, metrics)

    def asked() -> int:
        before = broker.asked
        watch.look(broker)
        return broker.asked - before

    assert [asked(), asked(), asked()] == [3, 1, 1]
    broker.end = 7
    assert [asked(), asked()] == [3, 3]
    assert metrics.computed.value("loanstream_intake_lag_records") == 2
    broker.committed_at = 7
    assert [asked(), asked()] == [3, 1]
    assert metrics.computed.value("loanstream_intake_lag_records") == 0
    assert metrics.registry.get_sample_value("loanstream_intake_applications_total") == 2
