"""What happens to a cluster, by name: what begins it, and what ends it after a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deploy.cluster import leaders, network, ray_nodes
from deploy.cluster.cluster import Cluster
from deploy.cluster.host import Host

Step = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident: `begin` returns what mends it, which is called `lasts_s` seconds later.

    silent: names of the hosts whose door nobody could expect an answer from while it lasts.
    """

    name: str
    lasts_s: float
    begin: Callable[[], Step]
    silent: tuple[str, ...] = ()


def incidents(cluster: Cluster) -> list[Incident]:
    """Return the incidents of the table in docs/cluster.md, for a cluster of at least two workers."""
    first, second = cluster.workers[:2]
    joining = cluster.plan.worker(cluster.next_worker).name
    head = cluster.hosts["ray-head"]
    return [
        Incident("nothing", 20.0, lambda: _nothing),
        Incident("a worker joins", 20.0, lambda: _join(cluster)),
        # One with replicas, which the one that joined takes; and then that one, whose replicas go back.
        Incident("a worker drained and off", 20.0, lambda: _drain_off(cluster, second), (second.name,)),
        Incident("a worker drained and gone", 20.0, lambda: _drain(cluster, cluster.workers[-1]), (joining,)),
        Incident("a worker killed", 20.0, lambda: _kill(cluster, first), (first.name,)),
        Incident("a worker frozen", 20.0, lambda: _freeze(second), (second.name,)),
        Incident("a worker cut off", 20.0, lambda: _cut(second), (second.name,)),
        Incident("the head killed", 20.0, lambda: _kill(cluster, head)),
        Incident("the gateways' coordinator killed", 20.0, lambda: _kill(cluster, leaders.group_coordinator(cluster))),
    ]


def _nothing() -> None:
    return None


def _join(cluster: Cluster) -> Step:
    cluster.add_worker()
    return _nothing


def _drain(cluster: Cluster, host: Host) -> Step:
    ray_nodes.drain(host, cluster.plan, cluster.credentials)
    cluster.remove_worker(host)
    return _nothing


def _drain_off(cluster: Cluster, host: Host) -> Step:
    ray_nodes.drain(host, cluster.plan, cluster.credentials)
    return _kill(cluster, host)


def _kill(cluster: Cluster, host: Host) -> Step:
    host.kill()
    return lambda: cluster.restart(host)


def _freeze(host: Host) -> Step:
    host.freeze()
    return host.thaw


def _cut(host: Host) -> Step:
    network.cut(host.planned)
    return lambda: network.mend(host.planned)
