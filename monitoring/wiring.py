"""Puts the monitor together from its settings: the one place where its parts are made and connected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from monitoring.door.health import HealthCheck
from monitoring.door.page import StatusPage
from monitoring.door.server import MonitorServer
from monitoring.door.status import StatusDocument
from monitoring.drift.reference_fetch import subprocess_fetch
from monitoring.drift.references import RegistryReferences
from monitoring.exposition import MonitorMetrics
from monitoring.outcomes.evaluator import OutcomeEvaluator
from monitoring.outcomes.label_store import LabelStore
from monitoring.outcomes.shadow import ShadowBook
from monitoring.outcomes.side_topics import SideTopics, TakeValues, outcome_taker
from monitoring.periodic import Periodically
from monitoring.reports.files import ReportFolder
from monitoring.reports.runner import ReportRunner
from monitoring.reports.window_sample import WindowSample
from monitoring.service import MonitorService
from monitoring.settings import MonitorSettings
from monitoring.watches.completeness import Completeness
from monitoring.watches.completeness_watch import CompletenessWatch
from monitoring.watches.intake_watch import IntakeWatch
from monitoring.windows.audit_consumer import AuditConsumer
from monitoring.windows.fold import FoldedDecisions
from monitoring.windows.monitor import Monitor
from monitoring.windows.snapshots import SnapshotFolder

_DAY_MS = 86_400_000
_REPORT_POLL_S = 1.0


def build_service(settings: MonitorSettings) -> MonitorService:
    """Return a monitor that is ready to `start`; DependencyUnavailable where no broker answers."""
    consumers = settings.consumers()
    registry = _registry()
    metrics = MonitorMetrics(registry)
    fetch = subprocess_fetch(settings.tracking_uri, settings.model_name) if settings.tracking_uri else None
    references = RegistryReferences(settings.home / "references", fetch, settings.reference_wait_s)
    sample = WindowSample(settings.report_rows, settings.medium_window_s * 1000)
    outcomes = _outcomes(settings, metrics) if settings.labels else None
    completeness = Completeness(settings.applications_topic, settings.auto_offset_reset == "earliest")
    sinks: list[Callable[[FoldedDecisions], None]] = [sample.add]
    if outcomes is not None:
        sinks.append(outcomes.store.add_decisions)
    monitor = Monitor(
        settings.plan(),
        references,
        SnapshotFolder(settings.home / "snapshots", settings.audit_topic),
        metrics,
        _subject_codes(),
        sinks,
        completeness=completeness,
    )
    folder = _report_folder(settings)
    reports = ReportRunner(folder, sample, metrics, settings.report_s, settings.report_rows, settings.report_timeout_s)
    evaluator = OutcomeEvaluator(
        references,
        metrics,
        outcomes.store if outcomes else None,
        outcomes.shadow if outcomes else None,
        int(settings.maturity_s * 1000),
        settings.cohort_s * 1000,
    )
    page = StatusPage(monitor, references, evaluator, folder, completeness)
    health = HealthCheck(monitor, references, settings.tick_s)
    intake = IntakeWatch(lambda: consumers.group_offsets(settings.gateway_group), metrics, settings.applications_topic)
    status = StatusDocument(monitor, health, folder, completeness, lambda: intake.lag)
    server = MonitorServer(settings.host, settings.port, registry, health, page, folder.path, status)
    due = [
        Periodically(settings.tick_s, monitor.tick),
        Periodically(settings.snapshot_s, monitor.snapshot),
        Periodically(settings.performance_s, lambda: evaluator.evaluate(monitor.overview)),
        Periodically(_REPORT_POLL_S, lambda: reports.poll(monitor.overview.leading)),
    ]
    return MonitorService(
        AuditConsumer(
            consumers.audit(settings.group_id, settings.auto_offset_reset),
            monitor,
            metrics,
            _one_after_another(due),
            settings.audit_topic,
        ),
        server,
        reports,
        [
            intake,
            CompletenessWatch(
                lambda: consumers.group_offsets(settings.gateway_group),
                consumers.log_ends,
                consumers.committed_records,
                completeness,
                metrics,
                settings.applications_topic,
                settings.audit_topic,
            ),
        ],
        [] if outcomes is None else [SideTopics(consumers.side_topics, outcomes.store, outcomes.takers)],
        outcomes.store if outcomes else None,
    )


@dataclass(frozen=True)
class _Outcomes:
    """The store of decisions, the challenger's records in it, and who takes which topic."""

    store: LabelStore
    shadow: ShadowBook
    takers: dict[str, TakeValues]


def _outcomes(settings: MonitorSettings, metrics: MonitorMetrics) -> _Outcomes:
    keep_ms = int(settings.label_keep_days * _DAY_MS)
    store = LabelStore(settings.home / "labels.db", settings.label_share, settings.label_max_rows, keep_ms)
    shadow = ShadowBook(store, metrics)
    takers = {settings.outcomes_topic: outcome_taker(store, metrics), settings.shadow_topic: shadow.add}
    return _Outcomes(store, shadow, takers)


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    return registry


def _report_folder(settings: MonitorSettings) -> ReportFolder:
    path: Path = settings.home / "reports"
    path.mkdir(parents=True, exist_ok=True)
    return ReportFolder(path, settings.report_keep, settings.report_keep_days)


def _subject_codes() -> tuple[str, ...]:
    """Return the stable code of each reason's subject, by its place in the audit record."""
    from credit.features import CATALOG

    return tuple(subject.code for subject in CATALOG.subjects.values())


def _one_after_another(calls: Iterable[Callable[[], None]]) -> Callable[[], None]:
    held = tuple(calls)

    def call_all() -> None:
        for call in held:
            call()

    return call_all
