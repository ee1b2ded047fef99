"""The whole one-machine stack through its own command line: first start, second start, Ctrl-C, crash, end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from credit.wire.topics import APPLICATIONS_TOPIC, DEAD_LETTERS_TOPIC, DECISIONS_TOPIC
from loanstream.stack.home import Home
from loanstream.stack.process import Processes
from loanstream.stack.surroundings import Place
from streaming.proof.readback import prove
from tests.fixtures.stack import RunningStack, own_environment

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]
_SMALL = ("--clients", "1500", "--applications", "600")
_START_S = 900


@dataclass(frozen=True)
class FirstRun:
    """A demo that began with an empty folder: its home, what it said, and its summary."""

    stack: RunningStack
    said: str
    summary: dict[str, float]


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    folder = tmp_path_factory.mktemp("demo")
    stack = RunningStack(folder / "home")
    done = stack.command(
        "demo", "--for", "6", "--rate", "60", "--free-ports", "--no-prometheus", *_SMALL,
        "--summary", str(folder / "summary.json"), timeout_s=_START_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return FirstRun(stack, done.stdout, json.loads((folder / "summary.json").read_text()))


@pytest.fixture(scope="module")
def running(first_run: FirstRun) -> Iterator[tuple[RunningStack, str]]:
    """The stack of the same home, started a second time, with what `up` said."""
    up = first_run.stack.command("up", "--no-prometheus", timeout_s=_START_S)
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        yield first_run.stack, up.stdout
    finally:
        first_run.stack.command("down")


def processes_of(stack: RunningStack) -> list[int]:
    return [process.pid for process in Processes(Home.at(stack.home)).all()]


def test_a_demo_from_nothing_decides_every_application_and_leaves_nothing_running(first_run: FirstRun) -> None:
    """From an empty folder to a summary: in = decisions + dead letters, no process left, data and model kept."""
    summary = first_run.summary
    assert summary["applications_in"] > 100
    assert summary["applications_in"] == summary["decisions"] + summary["dead_letters"]
    assert summary["dead_letters"] == 0
    assert summary["decisions"] == summary["approve"] + summary["refer"] + summary["decline"]
    assert 0 < summary["p50_ms"] <= summary["p99_ms"]
    assert summary["decisions_per_s"] > 0
    assert processes_of(first_run.stack) == []
    for word in ("Kafka", "Model", "Features", "Serve graph", "HTTP API", "lost 0, doubled 0"):
        assert word in first_run.said
    key = first_run.stack.home / "api-key"
    assert key.stat().st_mode & 0o077 == 0
    assert key.read_text().strip() not in first_run.said


def test_a_second_start_reuses_what_is_there(running: tuple[RunningStack, str], first_run: FirstRun) -> None:
    """The second start trains nothing, and the broker kept every record of the first run."""
    stack, said = running
    assert "champion as it is" in said
    assert "as they are" in said
    proof = prove(stack.place.bootstrap, APPLICATIONS_TOPIC, DECISIONS_TOPIC, DEAD_LETTERS_TOPIC)
    assert proof.holds, proof.line()
    assert proof.applications_in >= first_run.summary["applications_in"]
    again = stack.command("up")
    assert (again.returncode, "already runs" in again.stdout) == (0, True)


def test_status_shows_every_part(running: tuple[RunningStack, str]) -> None:
    """A running stack's status is exit code 0 and names its processes and the graph's deployments."""
    status = running[0].command("status")
    assert status.returncode == 0, status.stdout
    for word in ("kafka", "ray", "monitor", "ledger-sink", "ledger-door", "gateway", "http", "ready"):
        assert word in status.stdout


def test_a_model_is_shown_with_its_card(first_run: FirstRun) -> None:
    """`models show` names the card's page, which is there to be read."""
    shown = first_run.stack.command("models", "show", "--no-card")
    assert shown.returncode == 0, shown.stderr
    (page,) = (line.split()[1] for line in shown.stdout.splitlines() if line.strip().startswith("card "))
    assert "Calibration" in Path(page).read_text(encoding="utf-8")


def test_one_application_is_decided_by_client_and_from_a_file(
    running: tuple[RunningStack, str], tmp_path: Path
) -> None:
    """A client on file and the same application from a file get the same decision, with reasons."""
    stack, _ = running
    by_client = stack.command("decide", "--client", "100001", "--json")
    assert by_client.returncode == 0, by_client.stderr
    decision = json.loads(by_client.stdout)
    with stack.client() as http:
        application = http.get("/clients/100001").json()["application"]
    file = tmp_path / "application.json"
    file.write_text(json.dumps({"application": application}))
    from_file = json.loads(stack.command("decide", str(file), "--json").stdout)
    for name in ("decision_id", "outcome", "probability_of_default", "reasons"):
        assert from_file[name] == decision[name]
    assert decision["reasons"]
    unknown = stack.command("decide", "--client", "999999999")
    assert (unknown.returncode, unknown.stderr.startswith("error: ")) == (1, True)


def test_ctrl_c_ends_a_demo_with_its_summary_and_leaves_a_stack_that_was_up(
    running: tuple[RunningStack, str], tmp_path: Path
) -> None:
    """Ctrl-C while applications stream: they are drained, counted, exit code 0, and the stack runs on."""
    stack, _ = running
    before = set(processes_of(stack))
    summary = tmp_path / "summary.json"
    command = [sys.executable, "-u", "-m", "loanstream", "--home", str(stack.home), "demo", "--summary", str(summary)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=own_environment()) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if line.startswith("in ") and "decided 0 " not in line:
                demo.send_signal(signal.SIGINT)
                break
        rest = demo.stdout.read()
        assert demo.wait(timeout=300) == 0, rest
    counted = json.loads(summary.read_text())
    assert counted["applications_in"] == counted["decisions"] > 0
    assert before & set(processes_of(stack))
    assert stack.command("status").returncode == 0


def test_another_home_is_refused_a_taken_port_and_named_it(running: tuple[RunningStack, str], tmp_path: Path) -> None:
    """A second home that asks for the first one's port is told which port, and starts nothing."""
    taken = running[0].place.ports.http
    other = RunningStack(tmp_path / "other")
    done = other.command("up", "--free-ports", "--http-port", str(taken))
    assert done.returncode == 1
    assert f"port {taken}" in done.stderr
    assert processes_of(other) == []
    assert running[0].command("status").returncode == 0


def test_a_crashed_stack_is_cleaned_up_at_the_next_start(running: tuple[RunningStack, str]) -> None:
    """After kill -9 of Ray and the broker the next start clears what they left, starts again and decides."""
    stack, _ = running
    for record in Processes(Home.at(stack.home)).records():
        if record.name in ("ray", "kafka"):
            os.kill(record.pid, signal.SIGKILL)
    assert stack.command("status").returncode == 3
    up = stack.command("up", "--no-prometheus", timeout_s=_START_S)
    assert up.returncode == 0, up.stdout + up.stderr
    assert stack.command("decide", "--client", "100001").returncode == 0
    place = Place.of(Home.at(stack.home))
    assert prove(place.bootstrap, APPLICATIONS_TOPIC, DECISIONS_TOPIC, DEAD_LETTERS_TOPIC).holds
    assert stack.command("down").returncode == 0
    assert processes_of(stack) == []
