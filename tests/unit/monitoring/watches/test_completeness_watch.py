"""Committed offsets against audit records, a look at a time."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from monitoring.exposition import MonitorMetrics
from monitoring.watches.completeness import PartitionTally
from monitoring.watches.completeness_watch import completeness_gauges

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
