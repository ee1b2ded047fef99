"""The chart as Helm renders it, once for each set of values."""

from __future__ import annotations

import subprocess
from functools import cache
from typing import Any

import yaml

from tests.unit.deploy.files import ROOT
from tests.unit.deploy.helm.tools import helm

CHART = ROOT / "deploy/helm/loanstream"
EVERYTHING = (
    "mlflow.enabled=true",
    "serviceMonitor.enabled=true",
    "kafka.caConfigMap=brokers-ca",
    "users.existingClaim=loanstream-users",
    "identity.issuer=https://login.bank.example",
    "identity.metadataUrl=https://login.bank.example/.well-known/openid-configuration",
    "image.pullSecrets={registry}",
    "monitor.storage.storageClass=fast",
)
LEAST = ("prepare.enabled=false", "desk.enabled=false", "networkPolicy.enabled=false", "prepare.tablesClaim=")


def run(*settings: str) -> subprocess.CompletedProcess[str]:
    """Run `helm template` with these values set, for a release called loanstream."""
    sets = [word for setting in settings for word in ("--set", setting)]
    command = [helm(), "template", "loanstream", str(CHART), "--namespace", "credit", "--kube-version", "1.34", *sets]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@cache
def documents(*settings: str) -> list[dict[str, Any]]:
    """Return every document that the chart renders."""
    done = run(*settings)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def named(kind: str, name: str, *settings: str) -> dict[str, Any]:
    (found,) = (d for d in documents(*settings) if (d["kind"], d["metadata"]["name"]) == (kind, name))
    return found


def pods(*settings: str) -> dict[str, dict[str, Any]]:
    """Return each role's pod template; Ray's are called ray-head and ray-worker."""
    found = {}
    for document in documents(*settings):
        if document["kind"] == "RayService":
            cluster = document["spec"]["rayClusterConfig"]
            found["ray-head"] = cluster["headGroupSpec"]["template"]
            found["ray-worker"] = cluster["workerGroupSpecs"][0]["template"]
        elif "template" in document.get("spec", {}):
            found[document["metadata"]["name"].removeprefix("loanstream-")] = document["spec"]["template"]
    return found


def containers(*settings: str) -> dict[str, dict[str, Any]]:
    """Return each container under Compose's name for its role."""
    names = {"sink": "ledger-sink", "door": "ledger-door"}
    every = [c for pod in pods(*settings).values() for c in pod["spec"]["containers"]]
    return {names.get(c["name"], c["name"]): c for c in every}
