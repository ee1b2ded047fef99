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
