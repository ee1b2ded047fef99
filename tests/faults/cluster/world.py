"""What the cluster's fault suite runs on: a cluster in namespaces, a feeder, a live reader, and ways to break it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from credit.wire.topics import Topics
from deploy.cluster import leaders, network
from deploy.cluster.cluster import Cluster
from deploy.cluster.host import Host
from deploy.project import PROJECT
from streaming.settings import StreamingSettings
from tests.faults.lag import wait_until_consumed

_STOP_S = 20.0


class ClusterWorld:
    """A cluster that is up, fed and read; `close` ends what was started here, and mends what was broken."""

    def __init__(self, cluster: Cluster, rng: random.Random, folder: Path, say: Callable[[str], None]) -> None:
        self.cluster, self.rng, self.say = cluster, rng, say
        self.topics = Topics()
        self.bootstrap = cluster.plan.bootstrap
        self.history = folder / "history"
        os.environ.update(self._security())
        self._feeder: subprocess.Popen[str] | None = None
        self._reader: subprocess.Popen[str] | None = None
        self._repairs: list[threading.Thread] = []
        # What is broken is not broken again before it is mended: the first repair would undo the second break.
        self._broken: set[str] = set()
        self._lock = threading.Lock()

    # -- feeding and reading ------------------------------------------------------------------------------------------

    def start(self, count: int, rate: float, seed: int) -> None:
        """Begin to read what is decided, and to feed `count` applications at `rate` a second."""
        reading = [self.bootstrap, self.topics.decisions_topic, str(self.history)]
        self._reader = self._program("tests.faults.live_reader", reading)
        self.feed(count, rate, seed)

    def feed(self, count: int, rate: float, seed: int) -> None:
        """Feed `count` applications at `rate` a second."""
        feeding = [self.bootstrap, self.topics.applications_topic, str(count), str(rate), str(seed)]
        self._feeder = self._program("tests.faults.feeder", feeding)

    def wait_fed(self, timeout_s: float) -> None:
        """Wait until every application has been acknowledged; AssertionError where the feeder failed."""
        assert self._feeder is not None
        output, _ = self._feeder.communicate(timeout=timeout_s)
        assert self._feeder.returncode == 0, "the feeder failed: the run proves nothing"
        assert output.startswith("fed"), output

    @property
    def feeding(self) -> bool:
        return self._feeder is not None and self._feeder.poll() is None

    def wait_until_done(self, timeout_s: float) -> bool:
        """Wait until the gateways have answered all there is, and then for the reader; False where they have not."""
        group = StreamingSettings().group_id
        return wait_until_consumed(self.bootstrap, group, self.topics.applications_topic, timeout_s)

    def end_reading(self) -> None:
        """Let the live reader end; what it saw stands in `history`."""
        assert self._reader is not None
        self._reader.send_signal(signal.SIGTERM)
        self._reader.wait(_STOP_S)

    def close(self) -> None:
        """End feeder and reader, and wait until everything that was broken is mended."""
        for program in (self._feeder, self._reader):
            if program is not None and program.poll() is None:
                program.kill()
        self.mend_all()

    def mend_all(self) -> None:
        """Wait until every repair that was promised is done."""
        for repair in self._repairs:
            repair.join(300)
        self._repairs.clear()

    # -- breaking -----------------------------------------------------------------------------------------------------

    def freeze(self, host: Host, seconds: float, named: str = "") -> bool:
        """Stop all processes of a host for a while, or those alone whose command line holds `named`."""
        return self._for_a_while(host, seconds, lambda: host.freeze(named), lambda: host.thaw(named))

    def cut(self, host: Host, seconds: float) -> bool:
        """Cut a host off, both ways, for a while."""
        return self._for_a_while(host, seconds, lambda: network.cut(host.planned), lambda: network.mend(host.planned))

    def cut_one_way(self, host: Host, others: list[Host], seconds: float) -> bool:
        """Let what others send to a host vanish for a while; what it sends arrives."""
        planned = [other.planned for other in others if other.name != host.name]
        return self._for_a_while(
            host,
            seconds,
            lambda: network.cut_from(host.planned, planned),
            lambda: network.mend_from(host.planned, planned),
        )

    def kill(self, host: Host, seconds: float) -> bool:
        """Cut a host's power, and start it again after a while."""
        return self._for_a_while(host, seconds, host.kill, lambda: self.cluster.restart(host))

    def slow(self, host: Host, seconds: float, delay_s: float, loss: float) -> bool:
        """Let a host's frames come late, each by up to twice the delay, and lose a share of them, for a while."""
        return self._for_a_while(host, seconds, lambda: host.slow(delay_s, delay_s, loss), host.quicken)

    def wrong_clock(self, host: Host, seconds: float, offset_s: float) -> bool:
        """Start a host's programs again by a wrong clock, and after a while by the right one."""

        def set_right() -> None:
            self.cluster.restart_with_clock(host, 0.0)

        return self._for_a_while(host, seconds, lambda: self.cluster.restart_with_clock(host, offset_s), set_right)

    def roll_brokers(self) -> bool:
        """Restart the brokers one after another, each once all partitions are in sync again."""
        for host in self.brokers:
            if not self._take(host):
                continue
            try:
                host.kill()
                self.cluster.restart(host)
                leaders.wait_until_in_sync(self.cluster)
            finally:
                self._give_back(host)
        return True

    def two_brokers_away(self, seconds: float) -> bool:
        """Take two of three brokers away: fewer than `min.insync.replicas` are left, so nothing is acknowledged."""
        broke = [self.freeze(host, seconds) for host in self.rng.sample(self.brokers, 2)]
        return all(broke)

    def move_partitions(self) -> bool:
        """Let every partition of applications and decisions be led by another broker."""
        leaders.move_leaders(self.cluster, [self.topics.applications_topic, self.topics.decisions_topic], self.rng)
        return True

    @property
    def brokers(self) -> list[Host]:
        return [self.cluster.hosts[planned.name] for planned in self.cluster.plan.kafka]

    @property
    def workers(self) -> list[Host]:
        return [self.cluster.hosts[planned.name] for planned in self.cluster.plan.ray_workers]

    def _for_a_while(self, host: Host, seconds: float, breaks: Callable[[], None], mends: Callable[[], None]) -> bool:
        """Break a host now and mend it after `seconds`, beside whatever else happens; False where it is broken yet."""
        if not self._take(host):
            return False
        try:
            breaks()
        except Exception:
            try:
                mends()
            finally:
                self._give_back(host)
            raise

        def repair() -> None:
            time.sleep(seconds)
            try:
                mends()
            finally:
                self._give_back(host)

        thread = threading.Thread(target=repair, name=f"mend {host.name}", daemon=True)
        thread.start()
        self._repairs.append(thread)
        return True

    def _take(self, host: Host) -> bool:
        with self._lock:
            if host.name in self._broken:
                return False
            self._broken.add(host.name)
            return True

    def _give_back(self, host: Host) -> None:
        with self._lock:
            self._broken.discard(host.name)

    def _program(self, module: str, arguments: list[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True, cwd=PROJECT
        )

    def _security(self) -> Mapping[str, str]:
        """Return the variables by which every client of this process and its children speaks to the brokers."""
        security = self.cluster.kafka_security()
        assert security.sasl_password is not None
        return {
            "LOANSTREAM_KAFKA_SECURITY_PROTOCOL": security.security_protocol,
            "LOANSTREAM_KAFKA_SASL_USERNAME": str(security.sasl_username),
            "LOANSTREAM_KAFKA_SASL_PASSWORD": security.sasl_password.get_secret_value(),
            "LOANSTREAM_KAFKA_SSL_CA_FILE": str(security.ssl_ca_file),
        }
