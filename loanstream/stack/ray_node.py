"""Ray on this machine: one head node a home, with its own ports, temp folder and session."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loanstream.stack.home import Home
from loanstream.stack.ports import Ports
from loanstream.stack.process import Processes, ProcessSpec
from streaming.broker.ports import LOOPBACK, free_ports, is_free

NAME = "ray"
# Ray counts CPUs only to place work. The graph's deployments take small fractions, and two cores must hold them all,
# so the node says it has more than the machine; the operating system shares the real ones.
LOGICAL_CPUS = 16
OBJECT_STORE_BYTES = 300 * 1024**2
# Between Ray's own for its workers (10002 to 19999) and those of `streaming.broker.ports`.
_FIRST_REPLICA_PORT, _LAST_REPLICA_PORT, _REPLICA_PORTS = 20000, 30000, 100

# How often Ray and Serve look for work that is not there. Their defaults suit clusters of thousands of replicas, and
# took a third of a core on a stack at rest (docs/performance.md); what is named here still scales within seconds.
_CALM: Mapping[str, str] = {
    # The controller's loop: it notices wanted replicas, failed health checks and loads this much later at most.
    "RAY_SERVE_CONTROL_LOOP_INTERVAL_S": "0.5",
    # Each process's counters into Ray's metrics: the scrape comes every few seconds at most.
    "RAY_SERVE_METRICS_EXPORT_INTERVAL_MS": "1000",
    # CPU and memory of every process, for the dashboard alone: psutil reads all of /proc for it.
    "REPORTER_UPDATE_INTERVAL_MS": "30000",
    "METRICS_RECORD_INTERVAL_S": "30",
    # One node has nobody to tell of its free resources but itself, and no memory to give to another.
    "RAY_raylet_report_resources_period_milliseconds": "1000",
    "RAY_memory_monitor_refresh_ms": "1000",
    "RAY_kill_idle_workers_interval_ms": "1000",
    # What each process tells the control store of its tasks, for `ray list tasks`.
    "RAY_task_events_report_interval_ms": "10000",
}


def temp_dir(home: Home) -> Path:
    """Return Ray's temp folder: short, for the sockets in it, and behind a folder that only the owner may enter."""
    return home.short_dir / "ray"


def session_dir(home: Home) -> Path:
    """Return the folder of Ray's running session; its service-discovery file for Prometheus is in it."""
    return temp_dir(home) / "session_latest"


def serve_logs(home: Home) -> Path:
    """Return the folder in which Serve's controller, proxies and replicas write their logs."""
    return session_dir(home) / "logs" / "serve"


def serve_environment(home: Home, ports: Ports) -> dict[str, str]:
    """Return what Ray and Serve read from the environment: HAProxy in throughput mode, all files in this home."""
    stats, metrics, syslog, fallback_http, fallback_grpc = free_ports(5)
    # HAProxy takes 97 bytes of socket path, and Serve adds 70 of them.
    haproxy = home.short_dir / "h"
    return {
        "RAY_USAGE_STATS_ENABLED": "0",
        "DO_NOT_TRACK": "1",
        "RAY_DEDUP_LOGS": "0",
        # Ray makes its workers stand back by 15 steps, behind its own dashboard and whatever else the machine runs:
        # right for batch work, and wrong for the doors, which callers wait for.
        "RAY_worker_niceness": "0",
        "RAY_SERVE_ENABLE_HA_PROXY": "1",
        "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
        # That mode keeps a thousand lines back: a warning would come hours late, or never where a replica is killed.
        "RAY_SERVE_REQUEST_PATH_LOG_BUFFER_SIZE": "1",
        "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": "2",
        # A call that ended without an answer is asked of another replica: a decision asked for twice is the same one.
        "RAY_SERVE_HAPROXY_RETRY_ON": "conn-failure empty-response",
        "RAY_SERVE_CONTROLLER_METRICS_INCLUDE_HIGH_CARDINALITY_TAGS": "0",
        "RAY_SERVE_REPLICA_AUTOSCALING_METRIC_PUSH_INTERVAL_S": "1",
        "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": "serve_app.door.disconnects:middlewares",
        **{name: os.environ.get(name, value) for name, value in _CALM.items()},
        "RAY_SERVE_DEFAULT_HTTP_PORT": str(ports.http),
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(haproxy / "haproxy.cfg"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(haproxy / "admin.sock"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(haproxy),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(haproxy / "server-state"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": str(haproxy / "metrics.sock"),
        "RAY_SERVE_HAPROXY_NBTHREAD": "1",
        # Each answer's line from HAProxy to a Python process that counts it once more: the doors count their own.
        "RAY_SERVE_HAPROXY_METRICS_ENABLED": "0",
        "RAY_SERVE_HAPROXY_STATS_PORT": str(stats),
        "RAY_SERVE_HAPROXY_METRICS_PORT": str(metrics),
        # Where HAProxy turns while no replica answers: by default a port that all homes of a machine would share.
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(fallback_http),
        "RAY_SERVE_FALLBACK_PROXY_GRPC_PORT": str(fallback_grpc),
        "RAY_SERVE_HAPROXY_LOG_TARGET": f"{LOOPBACK}:{syslog}",
        **_replica_ports(home),
    }


def _replica_ports(home: Home) -> dict[str, str]:
    """Return the ranges in which replicas find their own ports: far from those of other homes, and free now."""
    blocks = (_LAST_REPLICA_PORT - _FIRST_REPLICA_PORT) // (2 * _REPLICA_PORTS)
    start = int(home.key, 16) % blocks
    for turn in range(blocks):
        http = _FIRST_REPLICA_PORT + (start + turn) % blocks * 2 * _REPLICA_PORTS
        if all(is_free(port) for port in (http, http + 1, http + _REPLICA_PORTS)):
            break
    grpc = http + _REPLICA_PORTS
    return {
        "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": str(http),
        "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": str(http + _REPLICA_PORTS - 1),
        "RAY_SERVE_DIRECT_INGRESS_MIN_GRPC_PORT": str(grpc),
        "RAY_SERVE_DIRECT_INGRESS_MAX_GRPC_PORT": str(grpc + _REPLICA_PORTS - 1),
    }


def start_ray(home: Home, ports: Ports, processes: Processes, env: dict[str, str]) -> None:
    """Start this home's head node; it is there when `is_ready` says so. `env` reaches every worker."""
    clear_sessions(home)
    (home.short_dir / "h").mkdir(exist_ok=True)
    gcs, client = free_ports(2)
    command = [
        str(Path(sys.executable).with_name("ray")),
        "start",
        "--head",
        "--block",
        "--disable-usage-stats",
        f"--port={gcs}",
        f"--ray-client-server-port={client}",
        f"--temp-dir={temp_dir(home)}",
        f"--num-cpus={LOGICAL_CPUS}",
        f"--object-store-memory={OBJECT_STORE_BYTES}",
        f"--dashboard-host={LOOPBACK}",
        f"--dashboard-port={ports.ray_dashboard}",
        f"--metrics-export-port={ports.ray_metrics}",
        "--include-log-monitor=false",
        # Ray's own scaling, of nodes: there is one.
        "--no-monitor",
    ]
    (home.run / "ray-address").write_text(f"{LOOPBACK}:{gcs}\n")
    processes.start(ProcessSpec(NAME, command, env=env, grace_s=20.0))


def address(home: Home) -> str:
    """Return the address by which a program joins this home's Ray."""
    return (home.run / "ray-address").read_text().strip()


def is_ready(home: Home, ports: Ports) -> bool:
    """Say whether the head node's dashboard answers, which it does after all else is there."""
    return get_json(ports.ray_dashboard, "/api/version", home.ray_token()) is not None


def serve_status(home: Home, ports: Ports) -> dict[str, Any] | None:
    """Return what Serve's own API says of its applications; None while it does not answer."""
    return get_json(ports.ray_dashboard, "/api/serve/applications/", home.ray_token())


def get_json(port: int, path: str, token: str | None = None, timeout_s: float = 3.0) -> dict[str, Any] | None:
    """Return the JSON that a server of this machine answers, or None where it does not."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"http://{LOOPBACK}:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310 - always http
            loaded = json.load(answer)
    except (OSError, urllib.error.URLError, ValueError):
        return None
    return loaded if isinstance(loaded, dict) else {}


def clear_sessions(home: Home) -> None:
    """Remove what former sessions of this home left behind; only while its Ray is not running."""
    shutil.rmtree(temp_dir(home), ignore_errors=True)
    shutil.rmtree(home.short_dir / "h", ignore_errors=True)
    link = home.logs / "ray"
    with contextlib.suppress(FileNotFoundError):
        link.unlink()
    link.symlink_to(session_dir(home) / "logs", target_is_directory=True)
