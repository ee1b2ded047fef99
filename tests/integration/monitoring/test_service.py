"""The monitor as a process: real broker, real registry, killed and started again, looked at in a real browser."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from credit.manifest import Calibration, ModelManifest, file_sha256, write_manifest
from credit.wire.shadow import ShadowRecord, encode_shadow
from streaming.broker.ports import free_port
from tests.fixtures.broker import Stream
from tests.unit.monitoring import made

pytestmark = pytest.mark.integration


def write_model(folder: Path) -> None:
    """Write the files of a model that monitoring reads."""
    folder.mkdir(parents=True)
    features = made.rows(3000, 7)
    p = made.probabilities(features)
    columns = {name: features[:, i] for i, name in enumerate(made.NAMES)}
    table = pa.table({**columns, "probability": p, "raw": np.log(p / (1 - p)), "TARGET": (p > 0.5).astype(float)})
    with pa.ipc.new_file(str(folder / "reference.arrow"), table.schema) as writer:
        writer.write_table(table)
    (folder / "booster.txt").write_text("not read here\n")
    manifest = ModelManifest(
        name="loanstream",
        catalog_hash="c" * 64,
        features=made.NAMES,
        booster="booster.txt",
        files_sha256={"booster.txt": file_sha256(folder / "booster.txt")},
        calibration=Calibration(),
        policy=made.POLICY,
        typical=(None,) * 4,
        trained_at="2026-01-01T00:00:00Z",
        data_digest="d",
        seed=0,
    )
    write_manifest(folder, manifest)


class Running:
    """A monitor process and its port."""

    def __init__(self, env: dict[str, str]) -> None:
        self.port = int(env["LOANSTREAM_MONITOR_PORT"])
        self.log = Path(env["LOANSTREAM_MONITOR_HOME"]) / "monitor.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "monitoring"], env=os.environ | env, stdout=output, stderr=output
            )

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def metric(self, series: str) -> float | None:
        for line in self.get("/metrics").splitlines():
            if line.startswith(series + " "):
                return float(line.rsplit(" ", 1)[1])
        return None

    def until(self, holds: Callable[[], bool], timeout_s: float = 60.0) -> None:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            try:
                if holds():
                    return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.2)
        raise AssertionError(f"did not come true in {timeout_s} s\n{self.log.read_text()[-3000:]}")


@pytest.fixture
def env(stream: Stream, tmp_path: Path) -> dict[str, str]:
    suffix = stream.settings.audit_topic.removeprefix("audit-")
    return {
        "KAFKA_BOOTSTRAP_SERVERS": stream.bootstrap,
        "LOANSTREAM_MONITOR_HOME": str(tmp_path / "home"),
        "LOANSTREAM_MONITOR_PORT": str(free_port()),
        "LOANSTREAM_MONITOR_AUDIT_TOPIC": stream.settings.audit_topic,
        "LOANSTREAM_MONITOR_APPLICATIONS_TOPIC": stream.settings.applications_topic,
        "LOANSTREAM_MONITOR_OUTCOMES_TOPIC": f"outcomes-{suffix}",
        "LOANSTREAM_MONITOR_SHADOW_TOPIC": f"shadow-{suffix}",
        "LOANSTREAM_MONITOR_GROUP_ID": f"monitor-{suffix}",
        "LOANSTREAM_MONITOR_GATEWAY_GROUP": stream.settings.group_id,
        "LOANSTREAM_MONITOR_TICK_S": "0.5",
        "LOANSTREAM_MONITOR_SNAPSHOT_S": "1",
        "LOANSTREAM_MONITOR_PERFORMANCE_S": "1",
        "LOANSTREAM_MONITOR_COHORT_S": "1",
        "LOANSTREAM_MONITOR_MATURITY_S": "0",
        "LOANSTREAM_MONITOR_REPORT_S": "600",
    }


@pytest.fixture
def start(env: dict[str, str]) -> Iterator[Callable[[], Running]]:
    started: list[Running] = []

    def begin() -> Running:
        started.append(Running(env))
        return started[-1]

    yield begin
    for running in started:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()


@pytest.fixture
def send(stream: Stream) -> Iterator[Callable[[str, list[tuple[int, bytes]]], None]]:
    import kafka

    producer = kafka.KafkaProducer(
        bootstrap_servers=stream.bootstrap.split(","), transactional_id=f"t-{stream.settings.audit_topic}"
    )
    producer.init_transactions()

    def publish(topic: str, records: list[tuple[int, bytes]]) -> None:
        producer.begin_transaction()
        for partition, value in records:
            # The outcomes topic is compacted: a record's key is what it is about, and one without is refused.
            producer.send(topic, value, key=value[:40], partition=partition)
        producer.flush()
        producer.commit_transaction()

    yield publish
    producer.close()


def records(first: int, count: int, drift: float = 1.0) -> list[tuple[int, bytes]]:
    now = int(time.time() * 1000) - 2000
    made_records = []
    for i in range(first, first + count):
        features = made.rows(50, i)
        features[:, 0] *= drift
        times = now + np.arange(50) * 20
        made_records.append((i % 4, made.audit(features, times, rejected=1, first_id=100000 + i * 50)))
    return made_records


def test_killed_and_started_again_it_counts_each_decision_once(
    env: dict[str, str], start: Callable[[], Running], send: Callable[[str, list[tuple[int, bytes]]], None]
) -> None:
    """After kill -9 and after SIGTERM the windows hold exactly what was published, drift and lag are told."""
    topic = env["LOANSTREAM_MONITOR_AUDIT_TOPIC"]
    write_model(Path(env["LOANSTREAM_MONITOR_HOME"]) / "references" / "version-1")
    window = 'loanstream_window_decisions_count{model_version="1",window="long"}'
    running = start()
    send(topic, [*records(0, 20), (0, b"junk")])
    running.until(lambda: running.metric(window) == 1000)
    running.process.kill()
    running.process.wait()
    send(topic, records(20, 20, drift=2.0))
    running = start()
    running.until(lambda: running.metric(window) == 2000)
    psi = 'loanstream_feature_psi{against="training",feature="AMT_INCOME_TOTAL",window="medium"}'
    running.until(lambda: (running.metric(psi) or 0) > 0.25)
    send(env["LOANSTREAM_MONITOR_APPLICATIONS_TOPIC"], [(0, b"{}"), (1, b"{}")])
    running.until(lambda: (running.metric("loanstream_intake_lag_seconds") or 0) > 1)
    assert running.metric("loanstream_intake_lag_records") >= 2
    assert json.loads(running.get("/health"))["status"] == "ok"
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(timeout=30) == 0
    running = start()
    running.until(lambda: running.metric(window) == 2000)


def test_outcomes_and_a_challenger_are_joined(
    env: dict[str, str], start: Callable[[], Running], send: Callable[[str, list[tuple[int, bytes]]], None]
) -> None:
    """Labels give realised beside estimated performance; shadow records give swap sets; bad outcomes are counted."""
    from streaming.kafka.topics import TopicSpec, ensure_topics

    shadow_topic, outcomes_topic = env["LOANSTREAM_MONITOR_SHADOW_TOPIC"], env["LOANSTREAM_MONITOR_OUTCOMES_TOPIC"]
    ensure_topics(env["KAFKA_BOOTSTRAP_SERVERS"], 1, specs=[TopicSpec(shadow_topic, 30)])
    write_model(Path(env["LOANSTREAM_MONITOR_HOME"]) / "references" / "version-1")
    now = int(time.time() * 1000) - 60_000
    features = made.rows(1000, 1)
    batch = made.batch(features, now + np.arange(1000) * 10)
    send(env["LOANSTREAM_MONITOR_AUDIT_TOPIC"], [(0, made.audit(features, now + np.arange(1000) * 10))])
    rng = np.random.default_rng(0)
    bad = (rng.random(1000) < batch.probability).astype(int)
    outcomes = [
        (0, json.dumps({"application_id": i, "defaulted": int(y), "observed_at": now}).encode())
        for i, y in zip(batch.applications.application_ids, bad, strict=True)
    ]
    send(outcomes_topic, [*outcomes, (0, b"?")])
    p = np.clip(batch.probability * 1.2, 0, 1)
    outcome = made.POLICY.outcomes(p)
    record = ShadowRecord("loanstream", "2", "e" * 64, made.POLICY, batch.decision_ids, batch.decided_ms, p, outcome)
    send(shadow_topic, [(0, encode_shadow(record)), (0, b"?")])
    running = start()
    gini = 'loanstream_performance_ratio{kind="realised",measure="gini",sample="matured"}'
    running.until(lambda: (running.metric(gini) or 0) > 0.2)
    running.until(lambda: (running.metric('loanstream_shadow_swapped_ratio{side="out"}') or 0) > 0)
    assert running.metric('loanstream_shadow_swapped_ratio{side="in"}') == 0
    running.until(lambda: running.metric("loanstream_monitor_unreadable_outcomes_total") == 1)


def test_the_reference_comes_from_the_registry(
    env: dict[str, str],
    start: Callable[[], Running],
    send: Callable[[str, list[tuple[int, bytes]]], None],
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
    env["MLFLOW_TRACKING_URI"] = uri
    running = start()
    send(env["LOANSTREAM_MONITOR_AUDIT_TOPIC"], records(0, 20))
    running.until(lambda: running.metric('loanstream_score_psi{against="training",window="short"}') is not None, 120)
    assert running.metric("loanstream_monitor_waiting_for_reference_count") == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"LOANSTREAM_MONITOR_PORT": "what"}, "LOANSTREAM_MONITOR_PORT"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}, "no Kafka broker at 127.0.0.1:1"),
    ],
)
def test_bad_surroundings_end_in_one_line(env: dict[str, str], change: dict[str, str], says: str) -> None:
    """A wrong setting or a broker that is away gives exit code and one line, no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "monitoring"],
        env=os.environ | env | change,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (1, 2)
    assert says in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def browser() -> Any:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("chromium and chromium-driver are not installed")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1280,1600",
        "--disable-dev-shm-usage",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))


def test_the_status_page_in_a_browser(
    env: dict[str, str], start: Callable[[], Running], send: Callable[[str, list[tuple[int, bytes]]], None]
) -> None:
    """The page shows windows, the drifted feature on top and a report that opens; nothing comes from elsewhere."""
    from selenium.webdriver.common.by import By

    write_model(Path(env["LOANSTREAM_MONITOR_HOME"]) / "references" / "version-1")
    running = start()
    chrome = browser()
    try:
        running.until(lambda: "No decision seen yet" in running.get("/"))
        send(env["LOANSTREAM_MONITOR_AUDIT_TOPIC"], records(0, 20, drift=2.0))
        running.until(lambda: "drift-2" in running.get("/"), 150)
        chrome.get(f"http://127.0.0.1:{running.port}/")
        assert chrome.title == "Loanstream monitor"
        first = chrome.find_element(By.CSS_SELECTOR, "#drift tbody tr")
        assert first.get_attribute("data-feature") == "AMT_INCOME_TOTAL"
        assert first.find_element(By.CSS_SELECTOR, "td.bad").is_displayed()
        rows = chrome.find_elements(By.CSS_SELECTOR, "#windows tbody tr")
        assert [row.get_attribute("data-window") for row in rows] == ["short", "medium", "long"]
        assert rows[0].find_elements(By.TAG_NAME, "td")[1].text == "1000"
        loaded = chrome.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
        assert [name for name in loaded if "127.0.0.1" not in name] == []
        shot = os.environ.get("LOANSTREAM_SCREENSHOTS")
        if shot:
            chrome.save_screenshot(str(Path(shot) / "monitor.png"))
        chrome.find_element(By.CSS_SELECTOR, "#reports a").click()
        running.until(lambda: "AMT_INCOME_TOTAL" in chrome.page_source, 30)
        errors = [entry for entry in chrome.get_log("browser") if "favicon" not in entry["message"]]
        assert [e for e in errors if e["level"] == "SEVERE" and "127.0.0.1" in e["message"]] == []
    finally:
        chrome.quit()
