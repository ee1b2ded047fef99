"""The variables by which every part finds the others: those of deploy/cluster.env.example, and the image's own."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

from deploy.cluster.credentials import Credentials
from deploy.cluster.init import STATE
from deploy.cluster.plan import (
    DESK_PORT,
    HTTP_PORT,
    LEDGER_PORT,
    MLFLOW_PORT,
    POSTGRES_PORT,
    REDIS_PORT,
    ClusterPlan,
)
from deploy.project import PROJECT

CERTIFICATES = "certificates"


def cluster_environment(plan: ClusterPlan, credentials: Credentials) -> dict[str, str]:
    """Return what stands in `deploy/cluster.env` for this cluster."""
    stores = plan.stores.address
    return {
        "LOANSTREAM_API_KEY": credentials.api_key,
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": credentials.ray_token,
        "KAFKA_BOOTSTRAP_SERVERS": plan.bootstrap,
        "REDIS_URL": f"redis://:{credentials.redis}@{stores}:{REDIS_PORT}/0",
        "MLFLOW_TRACKING_URI": f"http://{stores}:{MLFLOW_PORT}",
        "LOANSTREAM_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "LOANSTREAM_KAFKA_SASL_USERNAME": "loanstream",
        "LOANSTREAM_KAFKA_SASL_PASSWORD": credentials.kafka,
        "LOANSTREAM_KAFKA_SSL_CA_FILE": str(STATE / CERTIFICATES / "ca.pem"),
        "LOANSTREAM_LEDGER_URL": f"http://{plan.watch.address}:{LEDGER_PORT}",
        "LOANSTREAM_PARTITIONS": "12",
    }


def ledger_environment(plan: ClusterPlan, credentials: Credentials) -> dict[str, str]:
    """Return what the ledger's two processes are given besides."""
    database = f"postgresql://loanstream:{credentials.postgres}@{plan.stores.address}:{POSTGRES_PORT}/ledger"
    return {
        "DATABASE_URL": database,
        "LOANSTREAM_LEDGER_API_URL": f"http://{plan.ray_workers[0].address}:{HTTP_PORT}",
    }


def desk_environment(plan: ClusterPlan) -> dict[str, str]:
    """Return what the desk is given besides."""
    return {
        "LOANSTREAM_DESK_API_URL": f"http://{plan.ray_workers[0].address}:{HTTP_PORT}",
        "LOANSTREAM_DESK_PUBLIC_URL": f"http://{plan.watch.address}:{DESK_PORT}",
    }


def image_environment(target: str) -> dict[str, str]:
    """Return the variables that a target of the Dockerfile sets, with this machine's interpreter first on the path."""
    text = (PROJECT / "deploy/docker/Dockerfile").read_text()
    stages = dict(re.findall(r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM |\Z)", text, re.M | re.S))
    variables: dict[str, str] = {}
    for body in (stages["base"], stages[target]):
        for block in re.findall(r"^ENV ((?:.*\\\n)*.*)$", body, re.M):
            variables |= dict(pair.split("=", 1) for pair in shlex.split(block.replace("\\\n", " ")))
    path = [str(Path(sys.executable).parent), os.environ.get("PATH", "/usr/bin:/bin")]
    return variables | {"PATH": os.pathsep.join(path), "HOME": str(STATE), "LANG": "C.UTF-8"}
