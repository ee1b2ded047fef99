"""The monitor's status page: one self-contained HTML document, for machines without Grafana."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from credit.policy import Outcome
from monitoring.door.health import AwaitedReferences
from monitoring.drift.feature_drift import MIN_ROWS, drifted_share
from monitoring.outcomes.evaluation import OutcomeEvaluation
from monitoring.outcomes.evaluator import OutcomeEvaluator
from monitoring.reports.files import ReportFile, ReportFolder
from monitoring.watches.completeness import Completeness
from monitoring.watches.offsets import CompletenessSummary
from monitoring.windows.gauges import DETAIL
from monitoring.windows.overview import Overview, WindowView

MAX_FEATURES = 60
LOOK_FROM, ALERT_FROM, MISSING_FROM = 0.1, 0.25, 0.1
_MEASURES = {
    "auc": "AUC",
    "gini": "Gini",
    "ks": "KS",
    "brier": "Brier score",
    "cost_per_client": "Cost per client",
    "default_rate": "Default rate",
}


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader

    # Feature and report names reach the page from outside: everything is escaped.
    return Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True).get_template("page.html")


class PageMonitor(Protocol):
    """The monitor, as the page sees it."""

    @property
    def overview(self) -> Overview: ...


class StatusPage:
    """Renders what every part knows at this moment."""

    def __init__(
        self,
        monitor: PageMonitor,
        references: AwaitedReferences,
        evaluator: OutcomeEvaluator,
        reports: ReportFolder,
        completeness: Completeness,
    ) -> None:
        self._monitor, self._references, self._evaluator = monitor, references, evaluator
        self._reports, self._completeness = reports, completeness

    def __call__(self) -> str:
        """Return the page as HTML."""
        waiting = self._references.waiting()
        challenger = self._evaluator.challenger
        return render(
            self._monitor.overview,
            self._evaluator.evaluation,
            self._reports.reports(),
            challenger.measures() if challenger else [],
            self._reports.workspace,
            f"version {', '.join(waiting)}. {self._references.problem}" if waiting else "",
            self._completeness.summary(),
        )


def render(
    overview: Overview,
    evaluation: OutcomeEvaluation,
    reports: Sequence[ReportFile] = (),
    shadow: Sequence[tuple[str, float]] = (),
    workspace: Path = Path(),
    problem: str = "",
    completed: CompletenessSummary | None = None,
    now: datetime | None = None,
) -> str:
    """Return the page as HTML."""
    detail = overview.windows.get(DETAIL)
    manifest = overview.leading.manifest if overview.leading else None
    return str(
        _template().render(
            model="" if overview.leading is None else (manifest.name if manifest else "loanstream"),
            version="" if overview.leading is None else overview.leading.version,
            newest=_time(overview.newest_ms / 1000),
            page_time=_time((now or datetime.now(UTC)).timestamp()),
            problem=problem,
            completed=completed,
            checked=_time(completed.checked_s if completed else -1),
            windows=[_window(view, evaluation) for view in overview.windows.values()],
            few=any(view.n < MIN_ROWS for view in overview.windows.values()),
            late=overview.late,
            unreadable=overview.unreadable,
            rejected=overview.rejected,
            detail=DETAIL,
            features=[] if detail is None else _features(detail, overview),
            feature_count=0 if overview.leading is None else len(overview.leading.bins.names),
            performance=_performance(evaluation),
            known=evaluation.known,
            matured=evaluation.decisions,
            bands=[
                {"name": name, "n": n, "realised": _percent(realised), "estimated": _percent(estimated)}
                for name, n, realised, estimated in evaluation.bands
            ],
            shadow=[{"name": name, "value": _number(value, 3)} for name, value in shadow],
            reports=[
                {
                    "name": r.name,
                    "time": _time(r.written_s),
                    "rows": r.rows,
                    "drifted": r.drifted,
                    "columns": r.columns,
                }
                for r in reports[:20]
            ],
            workspace=workspace,
        )
    )


def _window(view: WindowView, evaluation: OutcomeEvaluation) -> dict[str, Any]:
    outcomes = view.outcomes.sum(axis=1)
    training, earlier = view.training, view.earlier
    score = training.score_psi if training else math.nan
    estimated = evaluation.windows.get(view.window.name)
    return {
        "name": view.window.name,
        "length": _length(view.window.length_s),
        "n": view.n,
        **{o.word: _percent(outcomes[o] / view.n if view.n else math.nan) for o in Outcome},
        "before": _percent(view.earlier_approval),
        "score_psi": _number(score),
        "score_class": _class(score, view.n),
        "reason_psi": _number(float(np.nanmax(earlier.reason_psi)) if earlier else math.nan),
        "drifted": _percent(drifted_share(training.drift) if training else math.nan),
        "default_rate": _percent(estimated.predicted_rate if estimated else math.nan),
        "gini": _number(estimated.gini if estimated else math.nan),
    }


def _features(view: WindowView, overview: Overview) -> list[dict[str, Any]]:
    if view.training is None or overview.leading is None or not view.n:
        return []
    drift, names = view.training.drift, overview.leading.bins.names
    # A feature that goes missing belongs on top, though its PSI says nothing of it.
    weight = np.maximum(
        np.nan_to_num(drift.psi) / ALERT_FROM, np.abs(np.nan_to_num(drift.missing_shift)) / MISSING_FROM
    )
    order = np.argsort(-weight, kind="stable")[:MAX_FEATURES]
    numeric = set(overview.leading.bins.numeric.tolist())
    return [
        {
            "name": names[j],
            "psi": _number(drift.psi[j]),
            "psi_class": _class(float(drift.psi[j]), int(drift.values[j])),
            "width": round(90 * min(float(np.nan_to_num(drift.psi[j])), 1.0)),
            "js": _number(drift.js[j]),
            "missing": _percent(drift.missing[j]),
            "shift": _percent(drift.missing_shift[j], sign=True),
            "missing_class": "bad" if abs(drift.missing_shift[j]) > MISSING_FROM and view.n >= MIN_ROWS else "",
            "out": _percent(drift.out_of_range[j]) if j in numeric else "–",
            "unknown": "–" if j in numeric else _percent(drift.unknown[j]),
        }
        for j in order.tolist()
    ]


def _performance(evaluation: OutcomeEvaluation) -> list[dict[str, str]]:
    if evaluation.realised is None or evaluation.estimated is None:
        return []
    realised, estimated = evaluation.realised.measures(), evaluation.estimated.measures()
    return [
        {"measure": text, "realised": _number(realised[name], 4), "estimated": _number(estimated[name], 4)}
        for name, text in _MEASURES.items()
    ]


def _class(psi: float, n: int) -> str:
    if n < MIN_ROWS or math.isnan(psi):
        return ""
    return "bad" if psi >= ALERT_FROM else "warn" if psi >= LOOK_FROM else "good"


def _number(value: float, places: int = 2) -> str:
    return "–" if math.isnan(value) else f"{value:.{places}f}"


def _percent(value: float, sign: bool = False) -> str:
    return "–" if math.isnan(value) else f"{100 * value:{'+' if sign else ''}.1f} %"


def _time(seconds: float) -> str:
    return "–" if seconds < 0 else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _length(seconds: int) -> str:
    if seconds % 3600 == 0:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"
