"""The cluster's parts find one another by the variables that all other deployments use."""

from __future__ import annotations

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


def test_credentials_are_made_once(tmp_path: Path) -> None:
    """A second start has the first one's passwords, and no two are alike."""
    first = Credentials.of(tmp_path)
    assert Credentials.of(tmp_path) == first
    values = [first.kafka, first.redis, first.postgres, first.api_key, first.ray_token]
    assert len(set(values)) == len(values)
