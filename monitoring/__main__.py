"""`python -m monitoring`: reads the settings, wires the monitor and runs it until SIGTERM."""

from __future__ import annotations

import logging
import signal
import sys
import time
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from pydantic import ValidationError

from credit.errors import LoanstreamError
from credit.messages import AUDIT_TOPIC
from monitoring.consumer import AuditConsumer, open_consumer
from monitoring.intake_watch import IntakeWatch
from monitoring.metrics import Metrics
from monitoring.monitor import Monitor
from monitoring.registry import References, subprocess_fetch
from monitoring.server import MonitorServer
from monitoring.settings import MonitorSettings
from monitoring.snapshots import SnapshotFolder

log = logging.getLogger("monitoring")


def subject_codes() -> tuple[str, ...]:
    """Return the stable code of each reason's subject, by its place in the audit record."""
    from credit.features import CATALOG

    return tuple(subject.code for subject in CATALOG.subjects.values())


class Every:
    """Calls something at most once in a while."""

    def __init__(self, seconds: float, call: Any) -> None:
        self._seconds, self._call, self._last = seconds, call, float("-inf")

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._last >= self._seconds:
            self._last = now
            self._call()


def run(settings: MonitorSettings) -> None:
    """Run the monitor until SIGTERM or SIGINT."""
    disable_created_metrics()  # type: ignore[no-untyped-call] # one more series for each counter, which nothing reads
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    metrics = Metrics(registry)
    fetch = None
    if settings.tracking_uri:
        fetch = subprocess_fetch(settings.tracking_uri, settings.model_name)
    references = References(settings.home / "references", fetch, settings.reference_wait_s)
    snapshots = SnapshotFolder(settings.home / "snapshots", AUDIT_TOPIC)
    monitor = Monitor(settings.plan(), references, snapshots, metrics, subject_codes())

    def health() -> tuple[bool, dict[str, Any]]:
        picture = monitor.picture
        age = time.time() - metrics.last_tick._value.get()
        body = {
            "status": "ok" if age < 10 * settings.tick_s else "stale",
            "last_tick_age_s": round(age, 1),
            "watermark_ms": picture.newest_ms,
            "waiting_for_reference": references.waiting(),
            "problem": references.problem if references.waiting() else "",
        }
        return body["status"] == "ok", body

    reports = settings.home / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    server = MonitorServer(settings.host, settings.port, registry, health, lambda: "", reports)
    consumer = open_consumer(settings.bootstrap_servers, settings.group_id, settings.auto_offset_reset)
    tick, save = Every(settings.tick_s, monitor.tick), Every(settings.snapshot_s, monitor.snapshot)

    def idle() -> None:
        tick()
        save()

    reader = AuditConsumer(consumer, monitor, metrics, idle)
    watch = IntakeWatch(settings.bootstrap_servers, settings.gateway_group, metrics)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: reader.stop())
    server.start()
    watch.start()
    log.info("monitor ready on http://%s:%d", settings.host, server.port)
    try:
        reader.run()
    finally:
        watch.stop()
        server.stop()


def main() -> int:
    """Run, and say in one line what is wrong where that cannot be."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("kafka").setLevel(logging.WARNING)
    try:
        run(MonitorSettings())
    except ValidationError as error:
        first = error.errors()[0]
        where = "_".join(str(part) for part in first["loc"]).upper()
        print(f"LOANSTREAM_MONITOR_{where}: {first['msg']}", file=sys.stderr)  # noqa: T201
        return 2
    except LoanstreamError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
