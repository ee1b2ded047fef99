"""deploy/serve_config.yaml on a real Ray: what the image's own script deploys is the graph of the command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_core import to_json

from loanstream.stack.graph import graph_state
from streaming.feed import read_rows
from tests.fixtures.stack import RunningStack

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[3]
STEPS = {"http", "gateway", "decider", "lookup", "scorer", "explainer", "shadow"}


def decide(stack: RunningStack) -> dict[str, Any]:
    row = next(iter(read_rows(stack.applications)))
    with stack.client() as client:
        answer = client.post("/v1/decisions", content=to_json({"application": row}))
    assert answer.status_code == 200, answer.text
    decision: dict[str, Any] = answer.json()["decisions"][0]
    return {key: value for key, value in decision.items() if key not in ("submitted_at", "decided_at")}


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
    """The script of the image deploys the config onto a running Ray, waits, and the graph decides as before."""
    if shutil.which("wget") is None:
        pytest.skip("wget, which the image's script asks the door with, is not installed")
    before = decide(stack)
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
    assert decide(stack) == before
