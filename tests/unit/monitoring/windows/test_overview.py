"""What all windows show at one moment."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry

from monitoring.exposition import MonitorMetrics
from monitoring.windows.monitor import Monitor
from monitoring.windows.overview import overview_of
from monitoring.windows.panes import PartitionState
from monitoring.windows.snapshots import SnapshotFolder
from tests.fixtures import audited
from tests.fixtures.audited import SMALL, START_MS, feed

REFERENCES = audited.HeldReferences(audited.reference("1"), audited.reference("2", seed=98))


def monitor(folder: Path) -> Monitor:
    return Monitor(SMALL, REFERENCES, SnapshotFolder(folder, "loan-audit"), MonitorMetrics(CollectorRegistry()))


def test_nothing_seen_gives_an_empty_overview() -> None:
    """Before the first decision there is no window and no error."""
    overview = overview_of([PartitionState()], SMALL, REFERENCES.held())
    assert overview.windows == {}
    assert overview.newest_ms == -1


def test_a_new_model_version_has_windows_of_its_own(tmp_path: Path) -> None:
    """Two versions at once are both counted, the one with most decisions of late leads, and old panes end."""
    watch = monitor(tmp_path)
    watch.assigned([0])
    feed(watch, 0, [audited.payload(0, audited.audit(audited.rows(30), START_MS, version="1"))])
    feed(watch, 0, [audited.payload(1, audited.audit(audited.rows(50), START_MS + 1000, version="2"))])
    overview = watch.tick()
    assert overview.decided["short"] == {"1": 30, "2": 50}
    assert overview.leading is REFERENCES.all["2"]
    feed(watch, 0, [audited.payload(2, audited.audit(audited.rows(1), START_MS + 9_000_000, version="2"))])
    assert list(watch.states[0].versions) == ["2"]


def test_the_hour_before_is_compared_with_too(tmp_path: Path) -> None:
    """A window is compared with the period before it once something is known of that."""
    watch = monitor(tmp_path)
    watch.assigned([0])
    old, new = audited.rows(600, 1), audited.rows(600, 2)
    new[:, 0] *= 2
    feed(watch, 0, [audited.payload(0, audited.audit(old, START_MS))])
    assert watch.tick().windows["medium"].earlier is None
    feed(watch, 0, [audited.payload(1, audited.audit(new, START_MS + 1_800_000))])
    view = watch.tick().windows["medium"]
    assert view.earlier is not None
    assert view.earlier.n_then == 600
    assert view.earlier.drift.psi[0] > 0.5
    assert view.earlier_approval > 0
