"""deploy/serve_config.yaml on a real Ray: what the image's own script deploys decides as the one-machine graph did.

The stack of the command line has its steps in the doors' processes, the config makes deployments of them: so the same
applications are decided in both placements here, by both doors.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from loanstream.stack.graph import graph_state
from tests.fixtures.stack import RunningStack
from tests.integration.serve_app.doors import decided_by_http, decided_by_kafka
from tests.integration.serve_app.under_load import answers_during

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[3]
STEPS = {"http", "gateway", "lookup", "scorer", "explainer", "shadow"}
COUNT = 300


def wait_until_updated(stack: RunningStack, timeout_s: float = 180.0) -> None:
    """Wait until all steps have as many replicas as they should and none is being replaced."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        state = graph_state(stack.place)
        complete = state is not None and state.status == "RUNNING" and state.deployments.keys() == STEPS
        if complete and all(step.healthy and step.running == step.target for step in state.deployments.values()):
            return
        time.sleep(0.5)
    raise AssertionError(f"the update did not end within {timeout_s:.0f} s: {graph_state(stack.place)}")


def test_a_config_deploy_gives_the_same_decisions(stack: RunningStack, tmp_path: Path) -> None:
    """The script of the image deploys the config onto a running Ray, waits, and hundreds of applications are decided
    as before by both doors, to the byte; a version promoted under load is taken up there without a failed request.
    """
    if shutil.which("wget") is None:
        pytest.skip("wget, which the image's script asks the door with, is not installed")
    fused = decided_by_http(stack, COUNT, "placed-")
    assert decided_by_kafka(stack, COUNT, "placed-") == fused
    told = told_of_the_model(stack)
    config = yaml.safe_load((ROOT / "deploy/serve_config.yaml").read_text())
    config["http_options"]["port"] = stack.place.ports.http
    (tmp_path / "serve_config.yaml").write_text(yaml.safe_dump(config))
    (tmp_path / "docker").mkdir()
    script = shutil.copy(ROOT / "deploy/docker/deploy-graph", tmp_path / "docker")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [script, f"http://127.0.0.1:{stack.place.ports.ray_dashboard}", stack.place.http],
        env={**os.environ, **stack.place.environment(), "PATH": path, "DEPLOY_TIMEOUT_S": "240"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    wait_until_updated(stack)
    assert decided_by_http(stack, COUNT, "placed-") == fused
    assert told_of_the_model(stack) == told
    # Another prefix, so that what is read was decided now; the ids differ by it alone.
    assert without_ids(decided_by_kafka(stack, COUNT, "composed-")) == without_ids(fused)

    with stack.client() as client:
        before = client.get("/model").json()["version"]

    def promote() -> None:
        for command in (("train", "--seed", "9"), ("promote", "challenger", "--force", "a test of the composed graph")):
            done = stack.command(*command)
            assert done.returncode == 0, done.stdout + done.stderr

    answers = answers_during(stack, promote, until=lambda answer: answer.model_version != before)
    assert {answer.status for answer in answers} == {200}
    assert len({answer.model_version for answer in answers}) == 2


def told_of_the_model(stack: RunningStack) -> list[bytes]:
    """Return what is told of the model, as it comes: where the steps run must not change it."""
    paths = ("/v1/clients?prefix=1", "/v1/catalog", "/v1/model", "/v1/model/versions", "/v1/model/importance?top=5")
    with stack.client() as client:
        return [client.get(path).raise_for_status().content for path in paths]


def without_ids(decided: dict[str, dict[str, object]]) -> list[dict[str, object]]:
    """Return decisions in the order of their clients, without what follows from the application's id."""
    named = ("application_id", "decision_id")
    rows = [{key: value for key, value in decision.items() if key not in named} for decision in decided.values()]
    return sorted(rows, key=lambda row: str(row["sk_id_curr"]))
