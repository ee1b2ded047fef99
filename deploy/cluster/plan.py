"""Which hosts there are, and their addresses: the one place that names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

KAFKA_PORT, KAFKA_INTERNAL_PORT, KAFKA_CONTROLLER_PORT = 9093, 9094, 9095
REDIS_PORT, POSTGRES_PORT, MLFLOW_PORT = 6379, 5432, 5000
GCS_PORT, DASHBOARD_PORT, RAY_METRICS_PORT = 6380, 8265, 8085
HTTP_PORT, GRPC_PORT = 8000, 9000
MONITOR_PORT, LEDGER_PORT, SINK_PORT, PROMETHEUS_PORT, DESK_PORT = 9464, 9470, 9471, 9090, 8501


@dataclass(frozen=True, slots=True)
class PlannedHost:
    """A host by its name, such as `kafka-1`, in the network 10.NETWORK.0.0/24 at the address that ends in `last`."""

    name: str
    network: int
    last: int

    @property
    def address(self) -> str:
        return f"10.{self.network}.0.{self.last}"

    @property
    def namespace(self) -> str:
        """The network's number is in it, so that nobody takes another's for ours."""
        return f"ls{self.network}-{self.name}"

    @property
    def link(self) -> str:
        """The bridge's end of the host's link; the kernel takes fifteen letters."""
        return f"ls{self.network}v{self.last}"


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """The hosts of a cluster. brokers: 1 or 3, since two could not go on without either; workers: Ray's.

    network: the second number of all addresses, 10.NETWORK.0.0/24; another cluster on the machine takes another.
    """

    brokers: int = 3
    workers: int = 2
    network: int = 77

    @property
    def bridge(self) -> str:
        return f"lsbr{self.network}"

    @property
    def gateway(self) -> str:
        return f"10.{self.network}.0.1"

    @property
    def subnet(self) -> str:
        return f"10.{self.network}.0.0/24"

    @property
    def kafka(self) -> list[PlannedHost]:
        return [self._host(f"kafka-{n}", 10 + n) for n in range(1, self.brokers + 1)]

    @property
    def stores(self) -> PlannedHost:
        return self._host("stores", 20)

    @property
    def head(self) -> PlannedHost:
        return self._host("ray-head", 30)

    @property
    def ray_workers(self) -> list[PlannedHost]:
        return [self.worker(n) for n in range(1, self.workers + 1)]

    @property
    def watch(self) -> PlannedHost:
        """Monitor, Prometheus, the ledger and the desk."""
        return self._host("watch", 40)

    @property
    def bank(self) -> PlannedHost:
        """Where the bank's own programs run: whoever prepares, sends applications and calls the door."""
        return self._host("bank", 50)

    def worker(self, number: int) -> PlannedHost:
        """Return Ray's worker of this number, from 1 to 9; one may join that the plan did not begin with."""
        return self._host(f"ray-{number}", 30 + number)

    @property
    def bootstrap(self) -> str:
        return ",".join(f"{host.address}:{KAFKA_PORT}" for host in self.kafka)

    def all_hosts(self) -> list[PlannedHost]:
        """Return every host of the plan, and every worker that may join."""
        joining = (self.worker(number) for number in range(self.workers + 1, 10))
        return [*self, *joining]

    def __iter__(self) -> Iterator[PlannedHost]:
        yield from [*self.kafka, self.stores, self.head, *self.ray_workers, self.watch, self.bank]

    def _host(self, name: str, last: int) -> PlannedHost:
        return PlannedHost(name, self.network, last)
