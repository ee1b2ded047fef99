"""From an overview to gauges."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest

from credit.features import CATALOG
from monitoring.drift.cells import CELLS, MISSING, UNKNOWN
from monitoring.exposition import MonitorMetrics
from monitoring.windows.gauges import group_names
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


def test_groups_of_a_protected_feature_are_named() -> None:
    """A category's cells carry its codes, a number's its upper ends; what is missing or unknown says so."""
    reference = audited.reference()
    names = group_names(reference, audited.NAMES.index("CODE_GENDER"))
    assert len(names) == CELLS - 1
    assert names[UNKNOWN] == "unknown"
    assert names[MISSING] == "missing"
    assert names[0] == CATALOG["CODE_GENDER"].codes[0]
    ends = group_names(reference, audited.NAMES.index("AMT_INCOME_TOTAL"))
    assert ends[0] == f"to {reference.bins.edges[0, 0]:g}"
    assert "above" in ends
