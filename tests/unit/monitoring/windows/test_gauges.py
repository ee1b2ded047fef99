"""From an overview to gauges."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest

from monitoring.exposition import MonitorMetrics
from monitoring.windows.monitor import Monitor
from monitoring.windows.snapshots import SnapshotFolder
from tests.fixtures import audited


def test_no_metric_carries_an_applicant(tmp_path: Path) -> None:
    """No id of an application, a decision or a client is in what is exported."""
    metrics = MonitorMetrics(CollectorRegistry())
    watch = Monitor(
        audited.SMALL, audited.HeldReferences(audited.reference()), SnapshotFolder(tmp_path, "a"), metrics, ("R1",)
    )
    watch.assigned([0])
    watch.add(watch.decode(0, [audited.payload(0, audited.audit(audited.rows(50), audited.START_MS))]))
    watch.tick()
    text = generate_latest(metrics.registry).decode()
    assert "100001" not in text
    assert 'feature="AMT_INCOME_TOTAL"' in text
