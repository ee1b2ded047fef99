"""The monitor as a process: real broker, real registry, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from credit.wire.shadow import ShadowRecord, encode_shadow
from tests.fixtures import audited
from tests.fixtures.monitor_process import RunningMonitor, SendRecords, audit_records_of, write_model

pytestmark = pytest.mark.integration


def test_killed_and_started_again_it_counts_each_decision_once(
    monitor_env: dict[str, str],
    start_monitor: Callable[[], RunningMonitor],
    send_records: SendRecords,
) -> None:
    """After kill -9 and after SIGTERM the windows hold exactly what was published, drift and lag are told."""
    topic = monitor_env["LOANSTREAM_MONITOR_AUDIT_TOPIC"]
    write_model(Path(monitor_env["LOANSTREAM_MONITOR_HOME"]) / "references" / "version-1")
    window = 'loanstream_window_decisions_count{model_version="1",window="long"}'
    running = start_monitor()
    send_records(topic, [*audit_records_of(0, 20), (0, b"junk")])
    running.until(lambda: running.metric(window) == 1000)
    running.process.kill()
    running.process.wait()
    send_records(topic, audit_records_of(20, 20, drift=2.0))
    running = start_monitor()
    running.until(lambda: running.metric(window) == 2000)
    psi = 'loanstream_feature_psi{against="training",feature="AMT_INCOME_TOTAL",window="medium"}'
    running.until(lambda: (running.metric(psi) or 0) > 0.25)
    send_records(monitor_env["LOANSTREAM_MONITOR_APPLICATIONS_TOPIC"], [(0, b"{}"), (1, b"{}")])
    running.until(lambda: (running.metric("loanstream_intake_lag_seconds") or 0) > 1)
    assert (running.metric("loanstream_intake_lag_records") or 0) >= 2
    assert json.loads(running.get("/health"))["status"] == "ok"
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(timeout=30) == 0
    running = start_monitor()
    running.until(lambda: running.metric(window) == 2000)


def test_outcomes_and_a_challenger_are_joined(
    monitor_env: dict[str, str],
    start_monitor: Callable[[], RunningMonitor],
    send_records: SendRecords,
) -> None:
    """Labels give realised beside estimated performance; shadow records give swap sets; bad outcomes are counted."""
    from streaming.kafka.admin import ensure_topics
    from streaming.kafka.topics import TopicSpec

    shadow_topic, outcomes_topic = (
        monitor_env["LOANSTREAM_MONITOR_SHADOW_TOPIC"],
        monitor_env["LOANSTREAM_MONITOR_OUTCOMES_TOPIC"],
    )
    ensure_topics(monitor_env["KAFKA_BOOTSTRAP_SERVERS"], 1, specs=[TopicSpec(shadow_topic, 30)])
    write_model(Path(monitor_env["LOANSTREAM_MONITOR_HOME"]) / "references" / "version-1")
    now = int(time.time() * 1000) - 60_000
    features = audited.rows(1000, 1)
    batch = audited.batch(features, now + np.arange(1000) * 10)
    send_records(
        monitor_env["LOANSTREAM_MONITOR_AUDIT_TOPIC"], [(0, audited.audit(features, now + np.arange(1000) * 10))]
    )
    rng = np.random.default_rng(0)
    bad = (rng.random(1000) < batch.probability).astype(int)
    outcomes = [
        (0, json.dumps({"application_id": i, "defaulted": int(y), "observed_at": now}).encode())
        for i, y in zip(batch.applications.application_ids, bad, strict=True)
    ]
    send_records(outcomes_topic, [*outcomes, (0, b"?")])
    p = np.clip(batch.probability * 1.2, 0, 1)
    outcome = audited.POLICY.outcomes(p)
    record = ShadowRecord("loanstream", "2", "e" * 64, audited.POLICY, batch.decision_ids, batch.decided_ms, p, outcome)
    send_records(shadow_topic, [(0, encode_shadow(record)), (0, b"?")])
    running = start_monitor()
    gini = 'loanstream_performance_ratio{kind="realised",measure="gini",sample="matured"}'
    running.until(lambda: (running.metric(gini) or 0) > 0.2)
    running.until(lambda: (running.metric('loanstream_shadow_swapped_ratio{side="out"}') or 0) > 0)
    assert running.metric('loanstream_shadow_swapped_ratio{side="in"}') == 0
    running.until(lambda: running.metric("loanstream_monitor_unreadable_outcomes_total") == 1)
    running.until(lambda: running.metric("loanstream_monitor_unreadable_shadow_records_total") == 1)


def test_the_reference_comes_from_the_registry(
    monitor_env: dict[str, str],
    start_monitor: Callable[[], RunningMonitor],
    send_records: SendRecords,
    tmp_path: Path,
) -> None:
    """A version named in an audit record is fetched from MLflow before its decisions are counted."""
    mlflow = pytest.importorskip("mlflow")
    write_model(tmp_path / "model")
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    mlflow.set_tracking_uri(uri)
    mlflow.create_experiment("t", artifact_location=(tmp_path / "artefacts").as_uri())
    with mlflow.start_run(experiment_id=mlflow.get_experiment_by_name("t").experiment_id) as run:
        mlflow.log_artifacts(str(tmp_path / "model"), "model")
    client = mlflow.MlflowClient()
    client.create_registered_model("loanstream")
    client.create_model_version("loanstream", f"{run.info.artifact_uri}/model", run.info.run_id)
    monitor_env["MLFLOW_TRACKING_URI"] = uri
    running = start_monitor()
    send_records(monitor_env["LOANSTREAM_MONITOR_AUDIT_TOPIC"], audit_records_of(0, 20))
    running.until(lambda: running.metric('loanstream_score_psi{against="training",window="short"}') is not None, 120)
    assert running.metric("loanstream_monitor_waiting_for_reference_count") == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"LOANSTREAM_MONITOR_PORT": "what"}, "LOANSTREAM_MONITOR_PORT"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}, "no Kafka broker at 127.0.0.1:1"),
    ],
)
def test_bad_surroundings_end_in_one_line(monitor_env: dict[str, str], change: dict[str, str], says: str) -> None:
    """A wrong setting or a broker that is away gives exit code and one line, no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "monitoring"],
        env=os.environ | monitor_env | change,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (1, 2)
    assert says in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
