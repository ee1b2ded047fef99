"""The monitor's smaller parts: lag from offsets, references that come late, shadow records, metrics, page."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from credit.errors import ModelNotFound, PortTaken
from credit.wire.shadow import ShadowRecord, decode_shadow, encode_shadow
from monitoring.door.health import HealthAnswer
from monitoring.door.page import render
from monitoring.door.server import MonitorServer
from monitoring.drift.references import RegistryReferences
from monitoring.exposition import MonitorMetrics
from monitoring.outcomes.evaluation import OutcomeEvaluation
from monitoring.watches.intake_watch import IntakeWatch
from monitoring.watches.lag import LagClock
from monitoring.windows.monitor import Monitor
from monitoring.windows.overview import Overview
from monitoring.windows.snapshots import SnapshotFolder
from tests.unit.monitoring import made


def test_lag_is_the_age_of_the_oldest_waiting_record() -> None:
    """A record appended at 10 s and not committed at 70 s has waited 60 s; nothing waiting is 0."""
    clock = LagClock()
    for now, end in ((0.0, 100), (10.0, 150), (20.0, 150), (60.0, 180)):
        clock.observe(now, end)
    assert clock.lag_s(70.0, 20) == 70.0
    assert clock.lag_s(70.0, 149) == 60.0
    assert clock.lag_s(70.0, 150) == 10.0
    assert clock.lag_s(70.0, 180) == 0.0
    clock.observe(75.0, 180)
    assert clock.lag_s(80.0, 180) == 0.0
    clock.observe(80.0, 5)
    assert clock.lag_s(90.0, 4) == 10.0


def test_lag_keeps_its_reach_in_bounded_memory() -> None:
    """The oldest of a long backlog is known, and what is committed is forgotten."""
    clock = LagClock(keep=5000)
    for second in range(10_000):
        clock.observe(float(second), second + 1)
    assert clock.lag_s(10_000.0, 0) == 10_000.0
    assert len(clock._ends) == 5000
    assert clock.lag_s(10_000.0, 4990) == 10_000.0 - 4990
    assert len(clock._ends) == 10


def no_broker() -> Any:
    raise AssertionError("offsets are given by hand here")


def test_the_watch_counts_arrivals_and_tells_the_worst_lag() -> None:
    """Lag is the worst partition's, waiting the sum; a partition without a commit waits from its beginning."""
    metrics = MonitorMetrics(CollectorRegistry())
    watch = IntakeWatch(no_broker, metrics)
    watch.note({0: (0, 10, 10), 1: (5, 20, None)}, 100.0)
    watch.note({0: (0, 14, 10), 1: (5, 20, None)}, 130.0)
    assert metrics.computed.value("loanstream_intake_lag_seconds") == 30.0
    assert metrics.computed.value("loanstream_intake_lag_records") == 4 + 15
    assert metrics.registry.get_sample_value("loanstream_intake_applications_total") == 4.0


def test_decisions_wait_for_their_reference_and_then_go_without(tmp_path: Path) -> None:
    """While the registry fails nothing is counted; after the time allowed decisions are counted without drift."""
    now = [0.0]

    def fetch(version: str, folder: Path) -> None:
        raise ModelNotFound("registry away")

    references = RegistryReferences(tmp_path / "references", fetch, wait_s=60.0, clock=lambda: now[0])
    metrics = MonitorMetrics(CollectorRegistry())
    watch = Monitor(made.SMALL, references, SnapshotFolder(tmp_path, "a"), metrics)
    watch.assigned([0])
    decoded = watch.decode(0, [made.payload(0, made.audit(made.rows(700), made.START_MS))])
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


def test_shadow_records_come_back_as_they_were() -> None:
    """A shadow record survives the wire; anything else is a ValueError."""
    p = np.array([0.1, 0.2])
    record = ShadowRecord("loanstream", "2", "d", made.POLICY, ["a", "b"], np.array([1, 2]), p, made.POLICY.outcomes(p))
    held = decode_shadow(encode_shadow(record))
    assert (held.version, held.decision_ids, held.policy) == ("2", ["a", "b"], made.POLICY)
    assert held.probability.tolist() == [0.1, 0.2]
    for wrong in (b"", b"junk", made.audit(made.rows(2), 1)):
        with pytest.raises(ValueError, match=r"shadow"):
            decode_shadow(wrong)


def test_a_histogram_takes_arrays_and_gives_cumulative_buckets() -> None:
    """A value on a bucket's end counts in that bucket: 1.0 s is within 1 s."""
    metrics = MonitorMetrics(CollectorRegistry())
    metrics.latency.observe("http", np.array([0.2, 1.0, 1.001]))
    get = metrics.registry.get_sample_value
    assert get("loanstream_end_to_end_seconds_bucket", {"door": "http", "le": "1"}) == 2.0
    assert get("loanstream_end_to_end_seconds_bucket", {"door": "http", "le": "+Inf"}) == 3.0
    assert get("loanstream_end_to_end_seconds_sum", {"door": "http"}) == pytest.approx(2.201)


def test_no_metric_carries_an_applicant(tmp_path: Path) -> None:
    """No id of an application, a decision or a client is in what is exported."""
    metrics = MonitorMetrics(CollectorRegistry())
    watch = Monitor(made.SMALL, made.HeldReferences(made.reference()), SnapshotFolder(tmp_path, "a"), metrics, ("R1",))
    watch.assigned([0])
    watch.add(watch.decode(0, [made.payload(0, made.audit(made.rows(50), made.START_MS))]))
    watch.tick()
    text = generate_latest(metrics.registry).decode()
    assert "100001" not in text
    assert 'feature="AMT_INCOME_TOTAL"' in text


def test_the_page_escapes_and_stands_empty() -> None:
    """Before any decision the page says so, and what comes from outside is escaped."""
    page = render(Overview(), OutcomeEvaluation(), problem="<script>alert(1)</script>")
    assert "No decision seen yet" in page
    assert "<script>" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    """A second monitor on the same port ends with the port and the variable to change."""
    answer = HealthAnswer("ok", 0.0, -1, [], "")
    arguments = (CollectorRegistry(), lambda: answer, lambda: "", tmp_path)
    server = MonitorServer("127.0.0.1", 0, *arguments)
    server.start()
    with pytest.raises(PortTaken, match=f"port {server.port} .*LOANSTREAM_MONITOR_PORT"):
        MonitorServer("127.0.0.1", server.port, *arguments)
    server.stop()
