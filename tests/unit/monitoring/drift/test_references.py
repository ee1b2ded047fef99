"""References that come late, or never."""

from __future__ import annotations

import time
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest

from credit.errors import ModelNotFound
from monitoring.drift.references import RegistryReferences
from monitoring.exposition import MonitorMetrics
from monitoring.windows.monitor import Monitor
from monitoring.windows.snapshots import SnapshotFolder
from tests.fixtures import audited


def test_decisions_wait_for_their_reference_and_then_go_without(tmp_path: Path) -> None:
    """While the registry fails nothing is counted; after the time allowed decisions are counted without drift."""
    now = [0.0]

    def fetch(version: str, folder: Path) -> None:
        raise ModelNotFound("registry away")

    references = RegistryReferences(tmp_path / "references", fetch, wait_s=60.0, clock=lambda: now[0])
    metrics = MonitorMetrics(CollectorRegistry())
    watch = Monitor(audited.SMALL, references, SnapshotFolder(tmp_path, "a"), metrics)
    watch.assigned([0])
    decoded = watch.decode(0, [audited.payload(0, audited.audit(audited.rows(700), audited.START_MS))])
    assert not watch.ready([decoded])
    assert metrics.registry.get_sample_value("loanstream_monitor_waiting_for_reference_count") == 1.0
    deadline = time.monotonic() + 10
    while references.problem == "" and time.monotonic() < deadline:
        watch.ready([decoded])
    assert references.problem == "registry away"
    now[0] = 61.0
    assert watch.ready([decoded])
    watch.add(decoded)
    view = watch.tick().windows["short"]
    assert view.n == 700
    assert view.training is None
    assert "loanstream_feature_psi" not in generate_latest(metrics.registry).decode()
