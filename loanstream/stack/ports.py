"""The ports of one stack: their defaults, where they are kept, and a clear word when one is taken."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from credit.errors import PortTaken, SettingsError
from streaming.broker.ports import free_ports, is_free


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports that people and other programs use; Ray's inner ones are found free at each start."""

    http: int = 8000
    kafka: int = 9092
    metrics: int = 9464
    ledger: int = 9470
    ledger_metrics: int = 9471
    ray_dashboard: int = 8265
    ray_metrics: int = 8085
    prometheus: int = 9090
    grpc: int = 9000
    desk: int = 8501


NEEDED_BY: Mapping[str, str] = {
    "http": "the HTTP API",
    "kafka": "the embedded Kafka broker",
    "metrics": "the monitor's metrics and status page",
    "ledger": "the ledger's HTTP door",
    "ledger_metrics": "the metrics of the ledger's sink",
    "ray_dashboard": "Ray's dashboard",
    "ray_metrics": "Ray's metrics",
    "prometheus": "Prometheus",
    "grpc": "the gRPC API",
    "desk": "the desk",
}


def option_of(name: str) -> str:
    """Return the command-line option that sets a port: `http` is set with `--http-port`."""
    return f"--{name.replace('_', '-')}-port"


def read_ports(path: Path) -> Ports:
    """Return the ports that a home keeps, or the defaults where it keeps none."""
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return Ports()
    except json.JSONDecodeError as error:
        raise SettingsError(f"{path} is not readable ({error.msg}); remove it to start with the usual ports") from None
    known = {field.name for field in fields(Ports)}
    return Ports(**{name: int(port) for name, port in kept.items() if name in known})


def write_ports(path: Path, ports: Ports) -> None:
    """Keep the ports of a home, so that later commands find its stack without being told."""
    path.write_text(json.dumps(asdict(ports), indent=2) + "\n")


def with_options(ports: Ports, options: Mapping[str, int | None]) -> Ports:
    """Return `ports` with those replaced that the command line names; raises SettingsError where two are the same."""
    chosen = replace(ports, **{name: port for name, port in options.items() if port is not None})
    seen: dict[int, str] = {}
    for name, port in asdict(chosen).items():
        if not 0 < port < 65536:
            raise SettingsError(f"{option_of(name)} {port} is not a port; choose one from 1 to 65535")
        if port in seen:
            raise SettingsError(
                f"{option_of(name)} and {option_of(seen[port])} are both {port}; choose another for one of them"
            )
        seen[port] = name
    return chosen


def free_stack_ports() -> Ports:
    """Return ports for a whole stack that nothing listens on now."""
    names = [field.name for field in fields(Ports)]
    return Ports(**dict(zip(names, free_ports(len(names)), strict=True)))


def require_free(ports: Ports, names: Iterable[str]) -> None:
    """Raise PortTaken for the first named port that something listens on."""
    for name in names:
        port = getattr(ports, name)
        if not is_free(port):
            raise PortTaken(
                f"port {port}, which {NEEDED_BY[name]} needs, is taken{_owner(port)}; "
                f"stop its owner or choose another with {option_of(name)}"
            )


def _owner(port: int) -> str:
    import psutil

    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,) and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        return ""  # naming the owner is a courtesy, and the system may keep it to itself
    return ""
