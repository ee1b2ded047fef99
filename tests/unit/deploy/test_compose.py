"""docker-compose.yml: what Compose itself accepts, and what it cannot know."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.unit.deploy.files import COMPOSE, DOCKERFILE, ROOT, load, required_variables

SERVICES: dict[str, Any] = load(COMPOSE)["services"]
SECRETS = {"LOANSTREAM_API_KEY", "RAY_AUTH_TOKEN", "REDIS_PASSWORD", "POSTGRES_PASSWORD", "GRAFANA_PASSWORD"}


def compose_command() -> list[str]:
    """Return the command of the Compose that is installed; skips where there is none."""
    if shutil.which("docker"):
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if plugin.returncode == 0:
            return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    pytest.skip("neither `docker compose` nor docker-compose is installed")


def run_config(tmp_path: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    (tmp_path / "env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [*compose_command(), "--file", str(COMPOSE), "--env-file", str(tmp_path / "env"), "config"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=inherited, cwd=tmp_path)


def test_compose_accepts_the_file(tmp_path: Path) -> None:
    """`docker compose config` accepts the file once the secrets are set, and needs nothing more."""
    done = run_config(tmp_path, dict.fromkeys(SECRETS, "x"))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_a_missing_secret_is_named(tmp_path: Path, missing: str) -> None:
    """Without one of the secrets Compose refuses the file and says which to set."""
    done = run_config(tmp_path, dict.fromkeys(SECRETS - {missing}, "x"))
    assert done.returncode != 0
    assert f"set {missing}" in done.stderr


def test_the_example_names_every_required_variable() -> None:
    """.env.example lists exactly what must be set, without a value for any of it."""
    lines = [line for line in (ROOT / ".env.example").read_text().splitlines() if line and not line.startswith("#")]
    given = dict(line.split("=", 1) for line in lines)
    empty = {name for name, value in given.items() if not value}
    assert required_variables() == SECRETS == empty


def test_no_secret_stands_in_the_file() -> None:
    """Whatever is called a password or key is taken from the environment, never written down."""
    assignments = re.findall(
        r"^\s*([A-Z_]*(?:PASSWORD|API_KEY|SECRET|TOKEN)[A-Z_]*): *(\S.*)$", COMPOSE.read_text(), re.MULTILINE
    )
    assert {name for name, _ in assignments} >= {
        "LOANSTREAM_API_KEY",
        "POSTGRES_PASSWORD",
        "GF_SECURITY_ADMIN_PASSWORD",
    }
    assert [name for name, value in assignments if not value.startswith("${")] == []


def test_the_parts_of_the_design_are_there() -> None:
    """Every server that the one-machine stack embeds has its counterpart here."""
    parts = {"kafka", "ray-head", "ray-worker", "redis", "postgres", "mlflow", "prometheus", "grafana", "monitor"}
    parts |= {"ledger-sink", "ledger-door", "desk"}
    assert parts <= SERVICES.keys()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_is_bounded_and_no_root(name: str) -> None:
    """A service has a user of its own, limits of CPU and memory, and no way to more rights."""
    service = SERVICES[name]
    assert service["user"] not in ("root", "0", 0)
    limits = service["deploy"]["resources"]["limits"]
    assert float(limits["cpus"]) > 0
    assert re.fullmatch(r"\d+[MG]", limits["memory"])
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_an_image_is_pinned(name: str) -> None:
    """An image names a whole version, never `latest` or nothing, and no registry."""
    image = SERVICES[name]["image"]
    assert re.fullmatch(r"[a-z-]+(/[a-z-]+)?:v?\d+\.\d+\.\d+(-\w+)?|postgres:\d+\.\d+(-\w+)?", image), image


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_ports_are_bound_to_the_loopback(name: str) -> None:
    """A port is published on the loopback unless LOANSTREAM_BIND opens it."""
    for port in SERVICES[name].get("ports", []):
        assert re.match(r"(127\.0\.0\.1|\$\{LOANSTREAM_BIND:-127\.0\.0\.1\}):\d+:\d+$", port), port


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_dependencies_can_be_met(name: str) -> None:
    """What is waited for as healthy has a health check, and what is waited for to end does not start again."""
    for other, wanted in (SERVICES[name].get("depends_on") or {}).items():
        if wanted["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other], other
        else:
            assert wanted["condition"] == "service_completed_successfully"
            assert SERVICES[other]["restart"] == "no", other


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_mounted_paths_exist(name: str) -> None:
    """A folder of the project that is mounted is there and not empty; a named volume is declared."""
    for mount in SERVICES[name].get("volumes", []):
        source = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", mount).split(":")[0]
        if source.startswith("./"):
            assert any((ROOT / source).iterdir()), f"{source} is missing or empty"
        else:
            assert source in load(COMPOSE)["volumes"]


def test_our_images_are_built_from_a_target_that_exists() -> None:
    """Each image of ours names a target of the one Dockerfile, and its tag the project's version."""
    targets = set(re.findall(r"^FROM .* AS (\w+)$", DOCKERFILE.read_text(), re.MULTILINE))
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    ours = {name: service for name, service in SERVICES.items() if service["image"].startswith("loanstream/")}
    assert len(ours) >= 5
    for service in ours.values():
        target = service["build"]["target"]
        assert target in targets
        assert service["image"] == f"loanstream/{target}:{version[1]}"
        assert (ROOT / service["build"]["dockerfile"]) == DOCKERFILE


def test_prometheus_scrapes_services_of_this_file() -> None:
    """Every target of the Prometheus that Compose starts, its Alertmanager too, is a service here."""
    config = load(ROOT / "deploy/prometheus/prometheus.yml")
    alerting = config["alerting"]["alertmanagers"]
    groups = [group for job in [*config["scrape_configs"], *alerting] for group in job["static_configs"]]
    hosts = {target.split(":")[0] for group in groups for target in group["targets"]}
    assert {"monitor", "ray-head", "ray-worker", "alertmanager"} <= hosts <= SERVICES.keys()
