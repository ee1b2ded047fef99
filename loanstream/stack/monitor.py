"""The monitor and, where it is installed, Prometheus."""

from __future__ import annotations

import sys
from pathlib import Path

from loanstream.stack.process import AFTER_DECIDING, Processes, ProcessSpec
from loanstream.stack.ray_node import get_json
from loanstream.stack.steps import Result
from loanstream.stack.surroundings import Place
from streaming.broker.ports import LOOPBACK, is_free

MONITOR_TIMEOUT_S = 300.0
PROMETHEUS_TIMEOUT_S = 120.0
RULES = Path(__file__).parents[2] / "deploy" / "prometheus"


def start(place: Place, processes: Processes) -> None:
    """Start the monitor and wait until it has come up behind its port."""
    env = {**place.environment(), "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    processes.start(ProcessSpec("monitor", [sys.executable, "-m", "monitoring"], env=env, nice=AFTER_DECIDING))
    processes.wait_until(lambda: answers(place), "monitor", "answering", MONITOR_TIMEOUT_S)


def answers(place: Place) -> bool:
    """Say whether the monitor's port is served."""
    return not is_free(place.ports.metrics)


def start_prometheus(place: Place, processes: Processes, binary: Path) -> Result:
    """Start Prometheus with the stack's targets and the project's rules; a taken port is no reason to fail."""
    port = place.ports.prometheus
    if not is_free(port):
        return Result(f"port {port} is taken, so not started; choose another with --prometheus-port", reused=True)
    config = place.home.run / "prometheus.yml"
    config.write_text(prometheus_config_of(place))
    command = [
        str(binary),
        f"--config.file={config}",
        f"--storage.tsdb.path={place.home.root / 'prometheus'}",
        "--storage.tsdb.retention.time=7d",
        f"--web.listen-address={LOOPBACK}:{port}",
        "--log.level=warn",
    ]
    processes.start(ProcessSpec("prometheus", command, grace_s=10.0, nice=AFTER_DECIDING))

    def is_up() -> bool:
        return get_json(port, "/api/v1/status/buildinfo") is not None

    processes.wait_until(is_up, "prometheus", "answering", PROMETHEUS_TIMEOUT_S)
    return Result(f"http://{LOOPBACK}:{port}")


def prometheus_config_of(place: Place) -> str:
    """Return Prometheus's configuration for this home: its monitor, its Ray, and the project's rules."""
    from monitoring.prometheus_config import prometheus_config

    targets = {
        "loanstream-monitor": [f"{LOOPBACK}:{place.ports.metrics}"],
        "loanstream-ledger": [f"{LOOPBACK}:{place.ports.ledger_metrics}", f"{LOOPBACK}:{place.ports.ledger}"],
    }
    if place.around.ray_address is None:
        targets["ray"] = [f"{LOOPBACK}:{place.ports.ray_metrics}"]
    return prometheus_config(targets, [str(path) for path in sorted(RULES.glob("*_rules.yml"))])
