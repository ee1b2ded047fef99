"""The monitor's state as JSON: what the status page shows in figures, for a program that shows it its own way."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from credit.policy import Outcome
from monitoring.door.health import HealthAnswer
from monitoring.door.page import PageMonitor
from monitoring.drift.feature_drift import drifted_share
from monitoring.reports.files import ReportFolder
from monitoring.watches.completeness import Completeness
from monitoring.watches.intake_watch import IntakeLag
from monitoring.windows.gauges import DETAIL
from monitoring.windows.overview import Overview, WindowView

_MOST_FEATURES: Final = 10


class StatusDocument:
    """Tells what every part knows at this moment. Times are milliseconds since the epoch; null is not known."""

    def __init__(
        self,
        monitor: PageMonitor,
        health: Callable[[], HealthAnswer],
        reports: ReportFolder,
        completeness: Completeness,
        lag: Callable[[], IntakeLag | None],
    ) -> None:
        self._monitor, self._health, self._reports = monitor, health, reports
        self._completeness, self._lag = completeness, lag

    def __call__(self) -> dict[str, Any]:
        """Return the document."""
        overview, health = self._monitor.overview, self._health()
        completed, lag = self._completeness.summary(), self._lag()
        reports = self._reports.reports()
        return {
            "status": health.status,
            "last_tick_age_s": health.last_tick_age_s,
            "problem": health.problem,
            "model_version": None if overview.leading is None else overview.leading.version,
            "newest_at": overview.newest_ms if overview.newest_ms >= 0 else None,
            "completeness": None
            if completed is None
            else {
                "answered": completed.covered,
                "unanswered": completed.gap,
                "answered_twice": completed.overlap,
                "checked_at": round(completed.checked_s * 1000),
            },
            "lag": None if lag is None else {"records": lag.records, "seconds": round(lag.seconds, 3)},
            "dead_letters": overview.rejected,
            "unreadable": overview.unreadable,
            "late": overview.late,
            "windows": [_window(view) for view in overview.windows.values()],
            "drifted_features": _features(overview),
            "report": reports[0].name if reports else None,
        }


def _window(view: WindowView) -> dict[str, Any]:
    outcomes = view.outcomes.sum(axis=1)
    training = view.training
    return {
        "window": view.window.name,
        "seconds": view.window.length_s,
        "count": view.n,
        **{o.word: int(outcomes[o]) for o in Outcome},
        "score_psi": None if training is None else _told(training.score_psi),
        "drifted_share": None if training is None else _told(drifted_share(training.drift)),
    }


def _features(overview: Overview) -> list[dict[str, Any]]:
    view = overview.windows.get(DETAIL)
    if view is None or view.training is None or overview.leading is None or not view.n:
        return []
    psi = np.nan_to_num(view.training.drift.psi)
    largest = np.argsort(-psi, kind="stable")[:_MOST_FEATURES].tolist()
    return [{"feature": overview.leading.bins.names[place], "psi": _told(float(psi[place]))} for place in largest]


def _told(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 4)
