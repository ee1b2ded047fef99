"""Helm and the operators' definitions: what is on the machine, else made once with Go into the user's cache."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

HELM = "helm.sh/helm/v3/cmd/helm@v3.19.2"
RAY_OPERATOR = "github.com/ray-project/kuberay/ray-operator@v1.5.1"
PROMETHEUS_OPERATOR = "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring@v0.95.2"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "loanstream" / "helm-3.19.2"


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
def ray_service_definition() -> Any:
    """Return the KubeRay operator's own definition of a RayService."""
    return yaml.load(
        (module(RAY_OPERATOR) / "config/crd/bases/ray.io_rayservices.yaml").read_text(), Loader=yaml.CSafeLoader
    )


@cache
def go_fields() -> dict[str, dict[str, str]]:
    """Return each type of the Prometheus operator's API: its fields' JSON names, and the types that they have.

    The operator's Go module has its types, and no definition in YAML.
    """
    types: dict[str, dict[str, str]] = {}
    for path in (module(PROMETHEUS_OPERATOR) / "v1").glob("*_types.go"):
        types |= _types_in(path.read_text())
    types |= _types_in((module(PROMETHEUS_OPERATOR) / "v1/types.go").read_text())
    return types


def _types_in(source: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, body in re.findall(r"^type (\w+) struct \{\n(.*?)^\}", source, re.MULTILINE | re.DOTALL):
        fields = re.findall(r'^\s*(?:\w+\s+)?([\w.*\[\]]+)\s+`json:"([\w]*)(?:,(\w+))?', body, re.MULTILINE)
        found[name] = {json_name or f"inline {kind}": kind for kind, json_name, _ in fields}
    return found


def unknown_fields(value: Any, kind: str) -> list[str]:
    """Return the names in a value that the Go type of this name does not have; types of other modules are not read."""
    kind = kind.lstrip("*")
    if isinstance(value, list):
        return [name for part in value for name in unknown_fields(part, kind.removeprefix("[]"))]
    types = go_fields()
    if not isinstance(value, dict) or kind not in types:
        return []
    known = _with_inline(kind)
    return [name for name in value if name not in known] + [
        deeper for name, part in value.items() if name in known for deeper in unknown_fields(part, known[name])
    ]


def _with_inline(kind: str) -> dict[str, str]:
    known: dict[str, str] = {}
    for name, of in go_fields().get(kind.lstrip("*").split(".")[-1], {}).items():
        known |= _with_inline(of) if name.startswith("inline ") else {name: of}
    return known
