"""The host that watches, keeps and shows: the monitor, Prometheus, the ledger's sink and door, and the desk."""

from __future__ import annotations

from deploy.cluster.credentials import Credentials
from deploy.cluster.environment import cluster_environment, desk_environment, image_environment, ledger_environment
from deploy.cluster.host import Host
from deploy.cluster.init import STATE
from deploy.cluster.plan import (
    LEDGER_PORT,
    MONITOR_PORT,
    PROMETHEUS_PORT,
    RAY_METRICS_PORT,
    SINK_PORT,
    ClusterPlan,
)


def start_watch(host: Host, plan: ClusterPlan, credentials: Credentials) -> None:
    """Start all five; each is found by the host's address."""
    shared = cluster_environment(plan, credentials)
    host.run("monitor", ["python", "-m", "monitoring"], image_environment("monitor") | shared, image="monitor")
    ledger = image_environment("ledger") | shared | ledger_environment(plan, credentials)
    host.run("ledger-sink", ["python", "-m", "ledger.sink"], ledger, image="ledger")
    host.run("ledger-door", ["python", "-m", "ledger.door"], ledger, image="ledger")
    desk = image_environment("desk") | shared | desk_environment(plan)
    host.run("desk", ["python", "-m", "desk"], desk, image="desk")
    (host.folder / "prometheus.yml").write_text(scrape_config(plan))
    command = [
        "prometheus",
        f"--config.file={STATE / 'prometheus.yml'}",
        f"--storage.tsdb.path={STATE / 'prometheus'}",
        f"--web.listen-address={host.address}:{PROMETHEUS_PORT}",
    ]
    host.run("prometheus", command, image_environment("tools"))


def scrape_config(plan: ClusterPlan) -> str:
    """Return Prometheus's configuration: every part by address."""
    ray = [f"{host.address}:{RAY_METRICS_PORT}" for host in (plan.head, *plan.ray_workers)]
    watch = plan.watch.address
    jobs = {
        "ray": ray,
        "monitor": [f"{watch}:{MONITOR_PORT}"],
        "ledger": [f"{watch}:{LEDGER_PORT}", f"{watch}:{SINK_PORT}"],
    }
    lines = ["global: {scrape_interval: 5s}", "scrape_configs:"]
    for name, targets in jobs.items():
        lines.append(f"  - {{job_name: {name}, static_configs: [{{targets: [{', '.join(targets)}]}}]}}")
    return "\n".join(lines) + "\n"
