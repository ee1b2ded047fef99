"""The cluster's parts find one another by the variables that all other deployments use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from deploy.cluster.credentials import Credentials
from deploy.cluster.environment import cluster_environment, image_environment
from deploy.cluster.plan import ClusterPlan
from tests.unit.deploy.files import ROOT

EXAMPLE = ROOT / "deploy/cluster.env.example"


def test_the_example_names_what_the_cluster_sets(tmp_path: Path) -> None:
    """Every variable of deploy/cluster.env.example is set, and to something."""
    given = cluster_environment(ClusterPlan(), Credentials.of(tmp_path))
    named = {line.split("=")[0] for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")}
    assert named <= set(given)
    assert all(given.values())


def test_a_host_runs_with_the_images_variables() -> None:
    """What the Dockerfile sets for Ray is what a node here gets, the base's variables included."""
    ray = image_environment("ray")
    assert ray["RAY_SERVE_ENABLE_HA_PROXY"] == "1"
    assert ray["RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH"] == "serve_app.door.disconnects:middlewares"
    assert ray["LOANSTREAM_HOME"] == "/var/lib/loanstream"
    assert "RAY_SERVE_ENABLE_HA_PROXY" not in image_environment("monitor")


def test_state_in_the_working_directory_is_not_taken_for_code(tmp_path: Path) -> None:
    """The ledger that starts again stands in a folder that holds what it wrote, by the name of a room of its code."""
    (tmp_path / "ledger/portfolio").mkdir(parents=True)
    code = "import importlib.util; print(importlib.util.find_spec('ledger.portfolio.counting').origin)"
    env = image_environment("ledger")
    for given, found in ((env, True), ({k: v for k, v in env.items() if k != "PYTHONSAFEPATH"}, False)):
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, env=given, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode == 0 and str(ROOT) in done.stdout) is found, done.stderr


def test_credentials_are_made_once(tmp_path: Path) -> None:
    """A second start has the first one's passwords, and no two are alike."""
    first = Credentials.of(tmp_path)
    assert Credentials.of(tmp_path) == first
    values = [first.kafka, first.redis, first.postgres, first.api_key, first.ray_token]
    assert len(set(values)) == len(values)
