"""The cluster as a whole: brought up in the order in which its parts need one another, shown, and taken down."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import SecretStr

from credit.errors import SettingsError, StackError
from deploy.cluster import kafka, network, ray_nodes, stores, watch
from deploy.cluster.certificates import write_certificates
from deploy.cluster.credentials import Credentials
from deploy.cluster.environment import CERTIFICATES, cluster_environment, image_environment
from deploy.cluster.host import Host, listening
from deploy.cluster.plan import (
    HTTP_PORT,
    KAFKA_PORT,
    LEDGER_PORT,
    MLFLOW_PORT,
    REDIS_PORT,
    ClusterPlan,
)
from deploy.cluster.waiting import wait_for
from deploy.images.mounted import mount_all, mounted, unmount_all
from deploy.project import PROJECT
from streaming.kafka.security import KafkaSecurity

Say = Callable[[str], None]


@dataclass
class Cluster:
    """A cluster whose hosts' files lie in `home`; one at a time on a machine, since addresses are fixed."""

    home: Path
    plan: ClusterPlan

    def __post_init__(self) -> None:
        self.home = self.home.resolve()
        self.home.mkdir(parents=True, exist_ok=True)
        self.credentials = Credentials.of(self.home)
        self.hosts = {planned.name: Host(self.plan, planned, self.home) for planned in self.plan}

    @classmethod
    def of(cls, home: Path) -> Cluster:
        """Return the cluster that was brought up in a home; raises SettingsError where there is none."""
        try:
            plan = ClusterPlan(**json.loads((home / "plan.json").read_bytes()))
        except OSError:
            raise SettingsError(f"no cluster in {home}: bring one up with `python -m deploy.cluster up`") from None
        cluster = cls(home, plan)
        for extra in sorted(home.glob("ray-[0-9].pid")):
            name = extra.stem
            if name not in cluster.hosts:
                cluster.hosts[name] = Host(plan, plan.worker(int(name.removeprefix("ray-"))), cluster.home)
        return cluster

    @property
    def workers(self) -> list[Host]:
        """Ray's workers that are up, those included that joined later."""
        return [host for name, host in self.hosts.items() if name.startswith("ray-") and name[4:].isdigit() and host.up]

    @property
    def env(self) -> dict[str, str]:
        """The variables of a program of the bank's on the host `bank`."""
        return image_environment("tools") | cluster_environment(self.plan, self.credentials)

    def kafka_security(self) -> KafkaSecurity:
        """Return how a client on this machine speaks to the brokers."""
        return KafkaSecurity(
            security_protocol="SASL_SSL",
            sasl_username="loanstream",
            sasl_password=SecretStr(self.credentials.kafka),
            ssl_ca_file=str(self.home / CERTIFICATES / "ca.pem"),
        )

    def up(self, say: Say, tables: Path | None = None, out_of_images: bool = False) -> None:
        """Bring everything up; what is up is left as it is.

        tables: a folder of tables to train on, else synthetic; out_of_images: run the project out of its images, as
        `python -m deploy.images build` made them, instead of out of this folder.
        """
        network.require_namespaces()
        _require_servers()
        began = time.monotonic()

        def told(text: str) -> None:
            say(f"{time.monotonic() - began:6.1f} s  {text}")

        taken = {planned.namespace for planned in self.plan} & set(network.namespaces())
        if taken and not any(host.up for host in self.hosts.values()):
            raise SettingsError(
                f"hosts of another cluster are here ({', '.join(sorted(taken))}): take it down, or choose --network"
            )
        if out_of_images and not mounted(self.home):
            mount_all(self.home)
        (self.home / "plan.json").write_text(json.dumps(asdict(self.plan)))
        certificates = self.home / CERTIFICATES
        write_certificates(certificates, {host.name: host.address for host in self.plan})
        network.make_bridge(self.plan)
        for host in self.hosts.values():
            if not host.up:
                host.boot()
            kafka.copy_trust(certificates, host)
        told(f"{len(self.hosts)} hosts at {', '.join(host.address for host in self.plan)}")
        self._brokers(certificates)
        told(f"{self.plan.brokers} brokers form a quorum")
        self._stores()
        told("Redis, PostgreSQL and MLflow answer")
        self._prepare(tables)
        told("topics, champion and features are there")
        ray_nodes.start_head(self.hosts["ray-head"], self.plan, self.credentials)
        for worker in self.plan.ray_workers:  # one after another: two at once run into Ray's own time-outs
            ray_nodes.start_worker(self.hosts[worker.name], self.plan, self.credentials)
        told(f"Ray's head and {self.plan.workers} workers are one cluster")
        ray_nodes.deploy_graph(self.hosts["bank"], self.plan, self.credentials)
        told("the graph decides")
        watch.start_watch(self.hosts["watch"], self.plan, self.credentials)
        wait_for(
            lambda: listening(self.hosts["watch"], LEDGER_PORT, self.env),
            120.0,
            f"the ledger's door does not answer; read {self.hosts['watch'].log('ledger-door')}",
        )
        told("monitor, Prometheus and ledger watch it")

    def stop(self) -> None:
        """End all processes and networks; files stay, so that the next `up` finds topics, models and features again."""
        for host in reversed(self.hosts.values()):
            host.unplug()
        network.remove_bridge(self.plan)

    def down(self) -> None:
        """End everything and remove every trace: processes, namespaces, links and files."""
        for host in self.hosts.values():
            host.remove()
        network.remove_bridge(self.plan)
        unmount_all(self.home)
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def next_worker(self) -> int:
        """Number of the worker that joins next."""
        return 1 + max(int(name.removeprefix("ray-")) for name in self.hosts if name[4:].isdigit())

    def add_worker(self) -> Host:
        """Let one more worker join, under whatever load there is."""
        host = Host(self.plan, self.plan.worker(self.next_worker), self.home)
        self.hosts[host.name] = host
        host.boot()
        kafka.copy_trust(self.home / CERTIFICATES, host)
        ray_nodes.start_worker(host, self.plan, self.credentials)
        return host

    def remove_worker(self, host: Host) -> None:
        """Take a worker off that was drained: its host ends and leaves no trace."""
        host.remove()
        if host.planned not in list(self.plan):
            del self.hosts[host.name]

    def restart(self, host: Host) -> None:
        """Start again what runs on a broker's or a Ray node's host after it was killed."""
        host.kill()
        host.boot()
        if host.name.startswith("kafka-"):
            kafka.start_broker(host)
        elif host.name == "ray-head":
            ray_nodes.start_head(host, self.plan, self.credentials)
        elif host.name.startswith("ray-"):
            ray_nodes.start_worker(host, self.plan, self.credentials)
        else:
            raise StackError(f"{host.name} is none that is started again alone")

    def restart_with_clock(self, host: Host, offset_s: float) -> None:
        """Start again what runs on a host, by a clock that is ahead by so many seconds (behind: less than 0)."""
        host.set_clock(offset_s)
        self.restart(host)

    def doors(self) -> list[str]:
        """Return the address of the HTTP door on every worker."""
        return [f"http://{host.address}:{HTTP_PORT}" for host in self.workers]

    def _brokers(self, certificates: Path) -> None:
        hosts = [self.hosts[planned.name] for planned in self.plan.kafka]
        for number, host in enumerate(hosts, 1):
            if not listening(host, KAFKA_PORT, self.env):
                kafka.prepare_broker(host, self.plan, number, self.credentials, certificates)
                kafka.start_broker(host)
        for host in hosts:
            wait_for(
                lambda host=host: listening(host, KAFKA_PORT, self.env),  # type: ignore[misc]
                180.0,
                f"{host.name} does not answer; read {host.log('kafka')}",
            )
        bank = self.hosts["bank"]
        problem = f"the brokers did not find one another; read {hosts[0].log('kafka')}"
        wait_for(lambda: kafka.all_registered(bank, self.plan, self.env), 120.0, problem)

    def _stores(self) -> None:
        host = self.hosts["stores"]
        if not listening(host, REDIS_PORT, self.env):
            stores.start_redis(host, self.credentials)
        if not listening(host, MLFLOW_PORT, self.env):
            stores.start_postgres(host, self.credentials)
            stores.start_mlflow(host, self.credentials)
        problem = f"MLflow does not answer; read {host.log('mlflow')}"
        wait_for(lambda: listening(host, MLFLOW_PORT, self.env), 120.0, problem)

    def _prepare(self, tables: Path | None) -> None:
        env = self.env | ({"TABLES": str(tables.resolve())} if tables else {})
        done = self.hosts["bank"].call([str(PROJECT / "deploy/docker/prepare")], env, 3600.0, image="tools")
        if done.returncode:
            raise StackError(f"preparing failed: {(done.stderr or done.stdout).strip()[-600:]}")


def _require_servers() -> None:
    missing = [package for tool, package in stores.required_servers().items() if shutil.which(tool) is None]
    stores.postgres_programs()
    if missing:
        raise SettingsError(f"this machine lacks {', '.join(missing)}: install them (Debian: apt-get install)")
