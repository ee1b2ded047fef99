"""The status page."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry

from monitoring.door.page import render
from monitoring.exposition import MonitorMetrics
from monitoring.outcomes.evaluation import OutcomeEvaluation
from monitoring.watches.offsets import CompletenessSummary
from monitoring.windows.monitor import Monitor
from monitoring.windows.overview import Overview
from monitoring.windows.snapshots import SnapshotFolder
from tests.fixtures import audited
from tests.fixtures.audited import feed


def test_the_page_escapes_and_stands_empty() -> None:
    """Before any decision the page says so, and what comes from outside is escaped."""
    page = render(Overview(), OutcomeEvaluation(), problem="<script>alert(1)</script>")
    assert "No decision seen yet" in page
    assert "<script>" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_gaps_and_windows_are_on_the_page() -> None:
    """Open offsets stand out, and each window has its row with the share that was approved."""
    watch = Monitor(
        audited.SMALL,
        audited.HeldReferences(audited.reference()),
        SnapshotFolder(Path("unused"), "a"),
        MonitorMetrics(CollectorRegistry()),
    )
    watch.assigned([0])
    feed(watch, 0, [audited.payload(0, audited.audit(audited.rows(600), audited.START_MS))])
    overview = watch.tick()
    page = render(overview, OutcomeEvaluation(), completed=CompletenessSummary(10, 2, 0, 1.0))
    assert '<b class="bad" id="gap">2</b>' in page
    assert '<b class="good" id="overlap">0</b>' in page
    assert page.count("data-window=") == 3
    assert f"<td>{100 * overview.windows['short'].approval:.1f} %</td>" in page
