"""The command `python -m deploy.cluster`: brings a cluster up and takes it down, shows it and breaks it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from credit.errors import LoanstreamError, SettingsError
from deploy.cluster import network, ray_nodes
from deploy.cluster.cluster import Cluster
from deploy.cluster.host import Host
from deploy.cluster.plan import DESK_PORT, HTTP_PORT, LEDGER_PORT, MONITOR_PORT, PROMETHEUS_PORT, ClusterPlan
from deploy.images.mounted import mounted

DEFAULT_HOME = Path(".loanstream-cluster")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; errors are one line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.cluster", description="A cluster in network namespaces.")
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME, help="folder of the hosts' files")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="bring it up")
    up.add_argument("--brokers", type=int, default=3, choices=(1, 3))
    up.add_argument("--workers", type=int, default=2)
    up.add_argument("--network", type=int, default=77, help="its addresses are 10.NETWORK.0.0/24")
    up.add_argument("--images", action="store_true", help="run out of the images that deploy.images built")
    up.add_argument("--data", type=Path, help="folder of tables to train on")
    commands.add_parser("status", help="hosts, and where each replica runs")
    commands.add_parser("health", help="ask every image's health check, of a cluster that is up with --images")
    commands.add_parser("stop", help="end its processes; the next `up` goes on with their files")
    commands.add_parser("down", help="end it and remove every trace")
    commands.add_parser("add-worker", help="let one more worker join")
    for name in ("kill", "start", "freeze", "thaw", "cut", "mend", "drain"):
        commands.add_parser(name).add_argument("host")
    slow = commands.add_parser("slow", help="let a host's frames come late or not at all, until `mend`")
    slow.add_argument("host")
    slow.add_argument("delay", type=float, help="seconds each way")
    slow.add_argument("--jitter", type=float, default=0.0, help="seconds more or less")
    slow.add_argument("--loss", type=float, default=0.0, help="share of frames that are lost, 0 to 1")
    clock = commands.add_parser("set-clock", help="start what runs on a broker or Ray node again, its clock wrong")
    clock.add_argument("host")
    clock.add_argument("offset", type=float, help="seconds ahead (or behind, after --); 0 is right")
    run = commands.add_parser("run", help="run a program on a host, with the cluster's variables")
    run.add_argument("host")
    run.add_argument("program", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    try:
        return _do(options)
    except LoanstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1


def _do(options: argparse.Namespace) -> int:
    if options.command == "up":
        cluster = Cluster(options.home, ClusterPlan(options.brokers, options.workers, options.network))
        cluster.up(_say, options.data, options.images)
        _say(addresses(cluster))
        return 0
    cluster = Cluster.of(options.home)
    if options.command == "status":
        _say(status(cluster))
    elif options.command == "health":
        lines = health(cluster)
        _say("\n".join(f"{name:10s} {role:8s} {'healthy' if well else 'NOT healthy'}" for name, role, well in lines))
        return 0 if all(well for *_, well in lines) else 1
    elif options.command == "stop":
        cluster.stop()
    elif options.command == "down":
        cluster.down()
    elif options.command == "add-worker":
        _say(f"{cluster.add_worker().name} has joined")
    elif options.command == "run":
        done = cluster.hosts[options.host].call(options.program, cluster.env, image="tools")
        sys.stdout.write(done.stdout)
        sys.stderr.write(done.stderr)
        return done.returncode
    else:
        host = cluster.hosts[options.host]
        act: dict[str, Callable[[], None]] = {
            "kill": host.kill,
            "start": lambda: cluster.restart(host),
            "freeze": host.freeze,
            "thaw": host.thaw,
            "cut": lambda: network.cut(host.planned),
            "mend": lambda: _mend(host),
            "slow": lambda: host.slow(options.delay, options.jitter, options.loss),
            "set-clock": lambda: cluster.restart_with_clock(host, options.offset),
            "drain": lambda: ray_nodes.drain(host, cluster.plan, cluster.credentials),
        }
        act[options.command]()
    return 0


def _mend(host: Host) -> None:
    network.mend(host.planned)
    host.quicken()


def status(cluster: Cluster) -> str:
    """Return which hosts are up, and how many replicas of each deployment run on which."""
    lines = [f"{host.name:10s} {host.address:12s} {'up' if host.up else 'down'}" for host in cluster.hosts.values()]
    placed = ray_nodes.placement(cluster.plan, cluster.credentials)
    names = [host.name for host in cluster.workers]
    lines += ["", f"{'replicas':12s}" + "".join(f"{name:>8s}" for name in names)]
    for deployment, hosts in sorted(placed.items()):
        lines.append(f"{deployment:12s}" + "".join(f"{hosts.count(name):8d}" for name in names))
    return "\n".join(lines)


def health(cluster: Cluster) -> list[tuple[str, str, bool]]:
    """Return (host, role, whether the image's own health check passes there) for each program out of an image."""
    images = mounted(cluster.home)
    if not images:
        raise SettingsError("this cluster does not run out of images: bring it up with --images")
    plan = cluster.plan
    places = [
        *((host.name, "ray") for host in (cluster.hosts[plan.head.name], *cluster.workers)),
        (plan.stores.name, "mlflow"),
        *((plan.watch.name, role) for role in ("monitor", "ledger", "desk")),
        (plan.bank.name, "tools"),
    ]
    return [
        (name, role, cluster.hosts[name].call(images[role].health, {}, 60.0, image=role).returncode == 0)
        for name, role in places
    ]


def addresses(cluster: Cluster) -> str:
    """Return what a person may open, by name."""
    watch = cluster.plan.watch.address
    doors = ", ".join(cluster.doors())
    key = f"X-API-Key in {cluster.home / 'credentials.json'}"
    return (
        f"HTTP API    {doors}  ({key})\n"
        f"API docs    http://{cluster.plan.ray_workers[0].address}:{HTTP_PORT}/docs\n"
        f"ledger      http://{watch}:{LEDGER_PORT}/docs\n"
        f"monitor     http://{watch}:{MONITOR_PORT}/\n"
        f"desk        http://{watch}:{DESK_PORT}/\n"
        f"Prometheus  http://{watch}:{PROMETHEUS_PORT}/\n"
        f"Kafka       {cluster.plan.bootstrap}"
    )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
