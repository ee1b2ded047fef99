"""Puts the monitor together from its settings: the one place where its parts are made and connected."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from credit.policy import Policy
from monitoring.door.page import CompletenessSummary, render
from monitoring.door.server import MonitorServer
from monitoring.drift.references import RegistryReferences, subprocess_fetch
from monitoring.metrics import MonitorMetrics
from monitoring.outcomes.evaluation import OutcomeEvaluation, evaluate_outcomes, performance_gauges
from monitoring.outcomes.label_store import LabelStore
from monitoring.outcomes.shadow import ChallengerComparison, ShadowBook, shadow_gauges
from monitoring.outcomes.side_topics import SideTopics, outcome_taker
from monitoring.reports.runner import ReportRunner
from monitoring.reports.window_sample import WindowSample
from monitoring.settings import MonitorSettings
from monitoring.watches.completeness import Completeness
from monitoring.watches.completeness_watch import CompletenessWatch
from monitoring.watches.intake_watch import IntakeWatch
from monitoring.windows.audit_consumer import AuditConsumer, open_consumer
from monitoring.windows.fold import FoldedDecisions
from monitoring.windows.monitor import Monitor
from monitoring.windows.snapshots import SnapshotFolder

DAY_MS = 86_400_000


def subject_codes() -> tuple[str, ...]:
    """Return the stable code of each reason's subject, by its place in the audit record."""
    from credit.features import CATALOG

    return tuple(subject.code for subject in CATALOG.subjects.values())


class Every:
    """Calls something at most once in a while."""

    def __init__(self, seconds: float, call: Callable[[], object]) -> None:
        self._seconds, self._call, self._last = seconds, call, float("-inf")

    def __call__(self) -> None:
        """Call it if its time has come."""
        now = time.monotonic()
        if now - self._last >= self._seconds:
            self._call()
            self._last = time.monotonic()


class Service:
    """The running monitor: `start`, then `run` until `stop`."""

    def __init__(self, settings: MonitorSettings) -> None:
        self._settings = settings
        registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        self.metrics = MonitorMetrics(registry)
        fetch = subprocess_fetch(settings.tracking_uri, settings.model_name) if settings.tracking_uri else None
        self._references = RegistryReferences(settings.home / "references", fetch, settings.reference_wait_s)
        snapshots = SnapshotFolder(settings.home / "snapshots", settings.audit_topic)
        self._sample = WindowSample(settings.report_rows, settings.medium_window_s * 1000)
        self._store: LabelStore | None = None
        self._side: SideTopics | None = None
        self._shadow: ShadowBook | None = None
        sinks: list[Callable[[FoldedDecisions], None]] = [self._sample.add]
        if settings.labels:
            path = settings.home / "labels.db"
            keep_ms = int(settings.label_keep_days * DAY_MS)
            self._store = LabelStore(path, settings.label_share, settings.label_max_rows, keep_ms)
            self._shadow = ShadowBook(self._store)
            takes = {
                settings.outcomes_topic: outcome_taker(self._store, self.metrics),
                settings.shadow_topic: self._shadow.add,
            }
            self._side = SideTopics(settings.kafka(), self._store, takes)
            sinks.append(self._store.add_decisions)
        self._completeness = Completeness(settings.applications_topic, settings.auto_offset_reset == "earliest")
        self._monitor = Monitor(
            settings.plan(),
            self._references,
            snapshots,
            self.metrics,
            subject_codes(),
            sinks,
            completeness=self._completeness,
        )
        reports = settings.home / "reports"
        reports.mkdir(parents=True, exist_ok=True)
        self._reports = ReportRunner(
            reports,
            self._sample,
            self.metrics,
            settings.report_s,
            settings.report_rows,
            settings.report_keep,
            settings.report_keep_days,
            settings.report_timeout_s,
        )
        self._evaluation = OutcomeEvaluation()
        self._challenge: ChallengerComparison | None = None
        self._server = MonitorServer(settings.host, settings.port, registry, self.health, self.page, reports)
        self._watch = IntakeWatch(settings.kafka(), settings.gateway_group, self.metrics, settings.applications_topic)
        self._complete = CompletenessWatch(
            settings.kafka(),
            settings.gateway_group,
            self._completeness,
            self.metrics,
            settings.applications_topic,
            settings.audit_topic,
        )
        consumer = open_consumer(settings.kafka(), settings.group_id, settings.auto_offset_reset)
        self._reader = AuditConsumer(consumer, self._monitor, self.metrics, self._idle(), settings.audit_topic)

    @property
    def port(self) -> int:
        """The HTTP port in use."""
        return self._server.port

    def start(self) -> None:
        """Begin to answer and to watch the other topics."""
        self._server.start()
        self._watch.start()
        self._complete.start()
        if self._side is not None:
            self._side.start()

    def run(self) -> None:
        """Read the audit topic until stopped, then save what is known."""
        try:
            self._reader.run()
        finally:
            self._reports.stop()
            self._watch.stop()
            self._complete.stop()
            self._server.stop()
            if self._side is not None and self._store is not None:
                self._side.stop()
                self._side.join(timeout=10)
                self._store.close()

    def stop(self) -> None:
        """Ask `run` to end; safe in a signal handler."""
        self._reader.stop()

    def _idle(self) -> Callable[[], None]:
        settings = self._settings
        calls = [
            Every(settings.tick_s, self._monitor.tick),
            Every(settings.snapshot_s, self._monitor.snapshot),
            Every(settings.performance_s, self._judge),
            Every(1.0, lambda: self._reports.poll(self._monitor.overview.leading)),
        ]

        def idle() -> None:
            for call in calls:
                call()

        return idle

    def _judge(self) -> None:
        settings, overview = self._settings, self._monitor.overview
        policy = overview.leading.policy if overview.leading else None
        maturity = int(settings.maturity_s * 1000)
        self._evaluation = evaluate_outcomes(overview, self._store, maturity, settings.cohort_s * 1000, policy)
        self.metrics.computed.replace("performance", performance_gauges(self._evaluation))
        if self._shadow is not None:
            self._challenge = self._shadow.compare(self._policy_of)
            self.metrics.computed.replace("shadow", shadow_gauges(self._challenge))
        if self._store is not None:
            self._store.prune()

    def _policy_of(self, version: str) -> Policy | None:
        reference = self._references.held().get(version)
        return None if reference is None else reference.policy

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Say whether the monitor ticks, and what it waits for."""
        age = time.time() - self._monitor.ticked_s
        good = age < max(10 * self._settings.tick_s, 60.0)
        waiting = self._references.waiting()
        return good, {
            "status": "ok" if good else "stale",
            "last_tick_age_s": round(age, 1),
            "watermark_ms": self._monitor.overview.newest_ms,
            "waiting_for_reference": waiting,
            "problem": self._references.problem if waiting else "",
        }

    def page(self) -> str:
        """Return the status page."""
        waiting = self._references.waiting()
        problem = f"version {', '.join(waiting)}. {self._references.problem}" if waiting else ""
        shadow = self._challenge.measures() if self._challenge else []
        workspace: Path = self._reports.workspace
        return render(
            self._monitor.overview,
            self._evaluation,
            self._reports.reports(),
            shadow,
            workspace,
            problem,
            self._completed(),
        )

    def _completed(self) -> CompletenessSummary | None:
        tallies = self._completeness.tallies().values()
        if not tallies:
            return None
        covered, gap, overlap = (
            sum(figures) for figures in zip(*((t.covered, t.gap, t.overlap) for t in tallies), strict=True)
        )
        return CompletenessSummary(covered, gap, overlap, self._completeness.checked_s)
