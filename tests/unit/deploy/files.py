"""The deployment files, read once for the tests beside this one."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "deploy/docker/Dockerfile"
SERVE_CONFIG = ROOT / "deploy/serve_config.yaml"
RAY_SERVICE = ROOT / "deploy/kuberay/rayservice.yaml"
CLUSTERS = (ROOT / "ray_cluster.yaml", ROOT / "deploy/ray_cluster_own_machines.yaml")


@cache
def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def required_variables(path: Path = COMPOSE) -> set[str]:
    """Return the variables without which Compose refuses the file."""
    return set(re.findall(r"\$\{([A-Z_]+):\?", path.read_text()))
