"""Helm and the operators' definitions: what is on the machine, else made once with Go into the user's cache."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

HELM_VERSION = "3.19.2"
RAY_OPERATOR = "github.com/ray-project/kuberay/ray-operator@v1.5.1"
PROMETHEUS_OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
_OPERATORS = {
    "ray.io": (RAY_OPERATOR, "config/crd/bases"),
    "monitoring.coreos.com": (PROMETHEUS_OPERATOR, "example/prometheus-operator-crd"),
}
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "loanstream" / f"helm-{HELM_VERSION}"


@cache
def helm() -> str:
    """Return the path of a Helm 3; skips where there is none. `make helm` builds one."""
    found = shutil.which("helm") or shutil.which("helm", path=str(CACHE))
    if found is None:
        pytest.skip("no helm on PATH or in the cache; `make helm` builds one with Go")
    return found


@cache
def module(name: str) -> Path:
    """Return the folder of a Go module, downloaded if need be; skips where there is no Go or no way to it."""
    go = shutil.which("go")
    if go is None:
        pytest.skip(f"{name} needs Go to be fetched")
    done = subprocess.run(
        [go, "mod", "download", "-json", name], capture_output=True, text=True, check=False, timeout=120, cwd="/"
    )
    if done.returncode:
        pytest.skip(f"{name} cannot be fetched: {done.stdout[-200:]}{done.stderr[-200:]}")
    return Path(json.loads(done.stdout)["Dir"])


@cache
def definition_of(document_kind: str, group: str) -> Any:
    """Return an operator's own definition of a kind: its CRD."""
    name, folder = _OPERATORS[group]
    path = module(name) / folder / f"{group}_{document_kind.lower()}s.yaml"
    return yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
