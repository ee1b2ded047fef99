"""The monitor's state as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from monitoring.door.health import HealthAnswer
from monitoring.door.status import StatusDocument
from monitoring.reports.files import ReportFolder
from monitoring.watches.completeness import Completeness
from monitoring.watches.intake_watch import IntakeLag
from tests.fixtures import audited
from tests.fixtures.audited import feed, monitor

HEALTH = HealthAnswer("ok", 0.5, -1, [], "")


def test_a_monitor_that_has_seen_nothing_says_null(tmp_path: Path) -> None:
    """Not zero: nothing is known yet."""
    watch = monitor(tmp_path, audited.HeldReferences(audited.reference()))
    folder = ReportFolder(tmp_path, 5, 5.0)
    told = StatusDocument(watch, lambda: HEALTH, folder, Completeness("applications", True), lambda: None)()
    assert told["status"] == "ok"
    assert told["model_version"] is told["newest_at"] is told["completeness"] is told["lag"] is told["report"] is None
    assert told["windows"] == told["drifted_features"] == []


def test_windows_drift_and_lag_are_told_in_figures(tmp_path: Path) -> None:
    """Each window with its counts and its PSI, the features that moved most first, and all of it JSON."""
    watch = monitor(tmp_path, audited.HeldReferences(audited.reference()))
    watch.assigned([0])
    moved = audited.rows(600)
    moved[:, 0] *= 3
    feed(watch, 0, [audited.payload(0, audited.audit(moved, audited.START_MS, rejected=2))])
    watch.tick()
    document = StatusDocument(
        watch,
        lambda: HEALTH,
        ReportFolder(tmp_path, 5, 5.0),
        Completeness("applications", True),
        lambda: IntakeLag(12, 1.23456),
    )
    told = json.loads(json.dumps(document()))
    assert (told["model_version"], told["dead_letters"]) == ("1", 2)
    assert told["lag"] == {"records": 12, "seconds": 1.235}
    short = told["windows"][0]
    assert short["count"] == 600 == short["approve"] + short["refer"] + short["decline"]
    assert short["drifted_share"] > 0
    assert told["drifted_features"][0]["feature"] == "AMT_INCOME_TOTAL"
    assert told["drifted_features"][0]["psi"] > 0.2
