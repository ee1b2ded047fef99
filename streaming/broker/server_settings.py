"""What the embedded broker's server is told: `server.properties` of one broker on one machine, and its log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streaming.broker.ports import LOOPBACK

LOG4J = """\
<Configuration status="error">
  <Appenders><Console name="out"><PatternLayout pattern="%d{ISO8601} %p %c{1} %m%n"/></Console></Appenders>
  <Loggers><Root level="warn"><AppenderRef ref="out"/></Root>
    <Logger name="kafka.server" level="info"/><Logger name="org.apache.kafka.coordinator" level="info"/></Loggers>
</Configuration>
"""


@dataclass(frozen=True, slots=True)
class SecureListener:
    """A second listener, TLS with SCRAM-SHA-512: its port, a PEM file with key and certificates, and who may come.

    Anyone on the first listener, which is of the loopback, is a super user; the users here need ACLs.
    """

    port: int
    key_and_certificates: Path
    users: dict[str, str]


def server_properties(
    port: int, controller_port: int, data: Path, secure: SecureListener | None = None
) -> dict[str, str]:
    """Return the lines of `server.properties`, name -> value; both ports are of the loopback, data is a folder."""
    lines = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL",
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",
        # One broker: everything internal has one replica, or nothing transactional ever starts.
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "8",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "8",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
        "group.initial.rebalance.delay.ms": "0",
        # After a kill the controller refuses the new broker until the old one's session is over (9 s by default).
        "broker.session.timeout.ms": "4000",
        "broker.heartbeat.interval.ms": "1000",
        # A record that says nothing, for voters that follow the metadata: there are none to follow.
        "metadata.max.idle.interval.ms": "5000",
        # A dead gateway's open transaction holds up every read_committed reader: look for them each second.
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
        "transaction.max.timeout.ms": "60000",
        "num.network.threads": "2",
        "num.io.threads": "4",
        "log.segment.bytes": str(64 * 1024 * 1024),
        # A fresh segment preallocates its index: 10 MB each by default, times every partition.
        "log.index.size.max.bytes": str(1024 * 1024),
    }
    if secure is not None:
        lines |= _secured(lines, secure)
    return lines


def _secured(lines: dict[str, str], secure: SecureListener) -> dict[str, str]:
    address = f",SASL_SSL://{LOOPBACK}:{secure.port}"
    return {
        "listeners": lines["listeners"] + address,
        "advertised.listeners": lines["advertised.listeners"] + address,
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(secure.key_and_certificates),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
