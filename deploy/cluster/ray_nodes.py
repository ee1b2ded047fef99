"""Ray's head and workers, and the graph on them: as the image `ray` starts them, and `serve deploy`."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from credit.errors import StackError
from deploy.cluster.credentials import Credentials
from deploy.cluster.environment import cluster_environment, image_environment
from deploy.cluster.host import Host
from deploy.cluster.plan import (
    DASHBOARD_PORT,
    GCS_PORT,
    HTTP_PORT,
    RAY_METRICS_PORT,
    REDIS_PORT,
    ClusterPlan,
)
from deploy.cluster.waiting import wait_for
from deploy.project import PROJECT

# Ray's nodes say how many CPUs they have for placement alone; a host here shares the machine's with all others.
WORKER_CPUS = 4
_OBJECT_STORE_BYTES = 150_000_000
_START_TIMEOUT_S, _GRACE_S, _LOOK_S = 240.0, 10.0, 0.5


def ray_environment(plan: ClusterPlan, credentials: Credentials) -> dict[str, str]:
    """Return the variables of every Ray node: the image's, the cluster's, and where the head's memory is kept."""
    redis = {
        # The head's tables survive it in Redis, so that another head takes over with all nodes and replicas.
        "RAY_REDIS_ADDRESS": f"{plan.stores.address}:{REDIS_PORT}",
        "RAY_external_storage_namespace": "loanstream",
        "RAY_REDIS_DB": "1",
        # How long nodes go on without a head until they give up.
        "RAY_gcs_rpc_server_reconnect_timeout_s": "300",
    }
    return image_environment("ray") | cluster_environment(plan, credentials) | redis


def start_head(host: Host, plan: ClusterPlan, credentials: Credentials) -> None:
    """Start the head, on which no replica runs, and wait until it answers."""
    command = [
        *("ray", "start", "--head", "--block", "--disable-usage-stats"),
        f"--node-ip-address={host.address}",
        f"--port={GCS_PORT}",
        f"--redis-password={credentials.redis}",
        "--num-cpus=0",
        f"--dashboard-host={host.address}",
        f"--dashboard-port={DASHBOARD_PORT}",
        f"--metrics-export-port={RAY_METRICS_PORT}",
        f"--object-store-memory={_OBJECT_STORE_BYTES}",
        "--no-monitor",
    ]
    problem = f"Ray's head does not answer; read {host.log('ray')}"
    _keep_starting(
        host, command, ray_environment(plan, credentials), lambda: nodes(plan, credentials) is not None, problem
    )


def start_worker(host: Host, plan: ClusterPlan, credentials: Credentials) -> None:
    """Start a worker and wait until the head lists it as alive."""
    command = [
        *("ray", "start", "--block", "--disable-usage-stats"),
        f"--address={plan.head.address}:{GCS_PORT}",
        f"--node-ip-address={host.address}",
        f"--num-cpus={WORKER_CPUS}",
        f"--metrics-export-port={RAY_METRICS_PORT}",
        f"--object-store-memory={_OBJECT_STORE_BYTES}",
    ]
    problem = f"{host.name} did not join Ray; read {host.log('ray')}"

    def joined() -> bool:
        return host.address in (nodes(plan, credentials) or ())

    _keep_starting(host, command, ray_environment(plan, credentials), joined, problem)


def _keep_starting(
    host: Host, command: list[str], env: dict[str, str], there: Callable[[], bool], problem: str
) -> None:
    """Start a node as whoever supervises it does: anew where it ended, until it is there; StackError where it never is.

    Ray gives its own parts 30 s to come up, and ends where a busy machine gave them less than they need.
    """
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        host.run("ray", command, env, image="ray")
        begun, running = time.monotonic(), True
        while running and time.monotonic() < deadline:
            if there():
                return
            time.sleep(_LOOK_S)
            running = time.monotonic() < begun + _GRACE_S or bool(host.processes("ray\0start"))
        if not running:
            host.kill()  # what it left behind holds its ports
            host.boot()
    raise StackError(f"{problem} (waited {_START_TIMEOUT_S:.0f} s)")


def drain(host: Host, plan: ClusterPlan, credentials: Credentials, timeout_s: float = 120.0) -> None:
    """Let a worker give up its replicas, and return once none is left on it; what it does is done meanwhile."""
    listed = dashboard(plan, credentials, "/nodes?view=summary") or {}
    known = listed.get("data", {}).get("summary", [])
    ids = {node.get("ip"): node["raylet"]["nodeId"] for node in known if node["raylet"].get("state") == "ALIVE"}
    if host.address not in ids:
        raise StackError(f"{host.name} is no node of this cluster")
    command = [
        *("ray", "drain-node", f"--address={plan.head.address}:{GCS_PORT}", f"--node-id={ids[host.address]}"),
        *("--reason", "DRAIN_NODE_REASON_PREEMPTION", "--reason-message", "it is taken off"),
        f"--deadline-remaining-seconds={timeout_s:.0f}",
    ]
    done = host.call(command, ray_environment(plan, credentials), timeout_s, image="ray")
    if done.returncode:
        raise StackError(f"{host.name} is not drained: {(done.stderr or done.stdout).strip()[-300:]}")
    wait_for(
        lambda: all(host.name not in hosts for hosts in placement(plan, credentials).values()),
        timeout_s,
        f"{host.name} still has replicas",
    )


def deploy_graph(host: Host, plan: ClusterPlan, credentials: Credentials) -> None:
    """Deploy deploy/serve_config.yaml from a host and wait until a worker's door can decide."""
    script = str(PROJECT / "deploy/docker/deploy-graph")
    door = f"http://{plan.ray_workers[0].address}:{HTTP_PORT}"
    env = image_environment("tools") | cluster_environment(plan, credentials)
    done = host.call([script, f"http://{plan.head.address}:{DASHBOARD_PORT}", door], env, 400.0, image="tools")
    if done.returncode:
        raise StackError(f"the graph did not come up: {(done.stderr or done.stdout).strip()[-600:]}")


def nodes(plan: ClusterPlan, credentials: Credentials) -> list[str] | None:
    """Return the addresses of the nodes that are alive; None while the head does not answer."""
    answer = dashboard(plan, credentials, "/nodes?view=summary")
    if answer is None:
        return None
    summary = answer.get("data", {}).get("summary", [])
    # A head that has only just come back does not know everything of its nodes yet.
    return [node["ip"] for node in summary if node.get("raylet", {}).get("state") == "ALIVE" and "ip" in node]


def placement(plan: ClusterPlan, credentials: Credentials) -> dict[str, list[str]]:
    """Return deployment -> names of the hosts on which its running replicas are, one entry a replica."""
    answer = dashboard(plan, credentials, "/api/serve/applications/") or {}
    known = {host.address: host.name for host in plan.all_hosts()}
    found: dict[str, list[str]] = {}
    for application in answer.get("applications", {}).values():
        for name, deployment in application.get("deployments", {}).items():
            running = [r for r in deployment.get("replicas", []) if r.get("state") == "RUNNING"]
            found[name] = sorted(known.get(r["node_ip"], r["node_ip"]) for r in running)
    return found


def whole(plan: ClusterPlan, credentials: Credentials) -> bool:
    """Say whether every deployment that is to run does, on two nodes at least where it is to have several replicas."""
    answer = dashboard(plan, credentials, "/api/serve/applications/") or {}
    deployments = [d for app in answer.get("applications", {}).values() for d in app.get("deployments", {}).values()]
    for deployment in deployments:
        wanted = deployment.get("target_num_replicas") or 0
        running = [r for r in deployment.get("replicas", []) if r.get("state") == "RUNNING"]
        if len({replica.get("node_ip") for replica in running}) < min(wanted, 2):
            return False
    return bool(deployments)


def dashboard(plan: ClusterPlan, credentials: Credentials, path: str) -> dict[str, Any] | None:
    """Return the JSON that Ray's dashboard answers, or None where it does not."""
    request = urllib.request.Request(
        f"http://{plan.head.address}:{DASHBOARD_PORT}{path}",
        headers={"Authorization": f"Bearer {credentials.ray_token}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=3.0) as answer:  # noqa: S310 - always http
            loaded = json.load(answer)
    except (OSError, urllib.error.URLError, ValueError):
        return None
    return loaded if isinstance(loaded, dict) else None
