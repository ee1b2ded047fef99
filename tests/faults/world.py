"""What the fault suite runs on: a real broker, real Ray, a feeder, and the ways to break each of them."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import psutil

from streaming.broker.ports import free_port
from streaming.gateway.handle import GraphByHandle
from streaming.kafka.admin import ensure_topics
from streaming.kafka.topics import standard_topics
from streaming.settings import StreamingSettings
from tests.faults.lag import wait_until_consumed
from tests.faults.late import LateRequests
from tests.faults.parts import FaultyInProcess, deploy_gateway, deploy_graph
from tests.faults.proxied import ProxiedBroker

APPLICATIONS, DECISIONS, AUDIT, DEAD_LETTERS = "applications", "decisions", "audit", "dead-letters"
PARTITIONS = 4
MOST_GATEWAYS = 3
_PREFIX = "faults"
Placement = Literal["composed", "fused"]


class World:
    """The whole stream, started; `close` ends every process it started."""

    def __init__(
        self, home: Path, rng: random.Random, planted_bug: str, say: Callable[[str], None], placement: Placement
    ) -> None:
        import ray
        from ray import serve

        self.home, self.rng, self.say = home, rng, say
        self._planted_bug = planted_bug
        self._feeder: subprocess.Popen[str] | None = None
        self._threads: list[threading.Thread] = []
        self.tmpfs = home / "tmpfs"
        self.tmpfs.mkdir()
        self.has_tmpfs = _mount(self.tmpfs)
        # The gateways reach the broker through a proxy, which only passes on until requests are to come late.
        self.late = LateRequests(_PREFIX, random.Random(rng.random()), active=False)
        self.proxied = ProxiedBroker(home / "kafka", self.late, data=self.tmpfs / "data")
        self.broker = self.proxied.broker
        self.proxied.start()
        self.settings = StreamingSettings.model_validate(
            {
                "bootstrap_servers": self.broker.bootstrap,
                "applications_topic": APPLICATIONS,
                "decisions_topic": DECISIONS,
                "audit_topic": AUDIT,
                "dead_letters_topic": DEAD_LETTERS,
                "group_id": "gateways",
                "transactional_prefix": _PREFIX,
                "max_batch": 200,
                "drain_timeout_s": 3.0,
            }
        )
        ensure_topics(self.broker.bootstrap, PARTITIONS, specs=standard_topics(self.settings))
        ray.init(address="local", num_cpus=8, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
        serve.start(http_options={"port": free_port(), "host": "127.0.0.1"}, logging_config={"log_level": "ERROR"})
        self.fused = FaultyInProcess(home / "mood") if placement == "fused" else None
        self._handle: Any = None if self.fused else deploy_graph(2)
        self.gateways: list[str] = []
        self._named = 0
        for _ in range(2):
            self.add_gateway()

    def close(self) -> None:
        """End Ray, the feeder and the broker, and give the memory back."""
        import ray
        from ray import serve

        for thread in self._threads:
            thread.join(60)
        if self._feeder is not None and self._feeder.poll() is None:
            self._feeder.kill()
        for process in self.replicas():
            _signal(process, signal.SIGCONT)
        serve.shutdown()
        ray.shutdown()
        self.proxied.stop()
        if self.has_tmpfs:
            subprocess.run(["umount", str(self.tmpfs)], check=False)

    # -- the feeder ---------------------------------------------------------------------------------------------------

    def feed(self, count: int, rate: float, seed: int) -> None:
        """Start feeding `count` applications at `rate` a second."""
        arguments = [self.broker.bootstrap, APPLICATIONS, str(count), str(rate), str(seed)]
        self._feeder = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.feeder", *arguments], stdout=subprocess.PIPE, text=True
        )

    def wait_fed(self, timeout_s: float) -> None:
        """Wait until every application has been acknowledged; AssertionError where the feeder failed."""
        assert self._feeder is not None
        output, _ = self._feeder.communicate(timeout=timeout_s)
        assert self._feeder.returncode == 0, "the feeder failed: the run proves nothing"
        assert output.startswith("fed"), output

    @property
    def feeding(self) -> bool:
        return self._feeder is not None and self._feeder.poll() is None

    # -- gateways -----------------------------------------------------------------------------------------------------

    def add_gateway(self, **changes: float) -> None:
        """Scale up by one; `changes` are settings of its own."""
        self._named += 1
        name = f"gateway{self._named}"
        self._deploy(name, changes)
        self.gateways.append(name)

    def remove_gateway(self, name: str) -> None:
        """Scale down by one: Serve shuts the replica down gracefully."""
        from ray import serve

        self.gateways.remove(name)
        serve.delete(name, _blocking=False)

    def update_gateway(self, name: str, **changes: float) -> None:
        """Deploy the gateway of this name anew: a rolling update."""
        self._deploy(name, changes)

    def _deploy(self, name: str, changes: dict[str, float]) -> None:
        through_the_proxy = {"bootstrap_servers": self.proxied.bootstrap}
        settings = StreamingSettings.model_validate(self.settings.model_dump() | through_the_proxy | changes)
        deploy_gateway(name, self.fused or GraphByHandle(self._handle), settings, self._planted_bug)

    # -- breaking things ----------------------------------------------------------------------------------------------

    def replicas(self, part: str = "") -> list[psutil.Process]:
        """Return our own Ray's Serve replicas whose name contains `part`; never another Ray's on this machine."""
        found = []
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error, IndexError):
                title = process.cmdline()[0]
                if title.startswith("ray::ServeReplica:") and part in title:
                    found.append(process)
        return found

    def kill(self, part: str) -> bool:
        """SIGKILL a replica; False where there is none at the moment."""
        running = self.replicas(part)
        return bool(running) and _signal(self.rng.choice(running), signal.SIGKILL)

    def pause(self, part: str, seconds: float) -> bool:
        """SIGSTOP a replica, and let it go on after `seconds`, while other things happen."""
        running = self.replicas(part)
        if not running:
            return False
        process = self.rng.choice(running)
        _signal(process, signal.SIGSTOP)
        self.later(seconds, lambda: _signal(process, signal.SIGCONT))
        return True

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Do something after a while, beside whatever else happens."""
        thread = threading.Timer(seconds, action)
        thread.daemon = True
        thread.start()
        self._threads.append(thread)

    def pause_broker(self, seconds: float) -> None:
        """SIGSTOP the broker for a while."""
        self.broker.pause()
        time.sleep(seconds)
        self.broker.resume()

    def restart_broker(self, kill: bool) -> None:
        """Stop the broker, by SIGKILL or in good order, and start it again."""
        self.broker.kill() if kill else self.broker.stop()
        self.broker.start()

    def fill_disk(self, timeout_s: float = 30.0) -> None:
        """Fill the broker's tmpfs until it gives up, then free it and start the broker again."""
        ballast = self.tmpfs / "ballast"
        free = psutil.disk_usage(str(self.tmpfs)).free
        with contextlib.suppress(OSError), ballast.open("wb") as file:
            for _ in range(free // 2**20 + 2):
                file.write(b"\0" * 2**20)
        deadline = time.monotonic() + timeout_s
        while self.broker.pid is not None and time.monotonic() < deadline:
            time.sleep(0.2)
        gave_up = self.broker.pid is None
        ballast.unlink()
        if not gave_up:
            self.broker.stop()
        self.broker.start()

    def rebalance(self, seconds: float) -> None:
        """Let a stranger join the gateways' group, hold partitions without committing anything, and leave."""
        arguments = [self.broker.bootstrap, APPLICATIONS, self.settings.group_id, str(seconds)]
        stranger = subprocess.Popen([sys.executable, "-m", "tests.faults.stranger", *arguments])
        self.later(seconds + 20, stranger.kill)

    def late_requests(self, seconds: float) -> None:
        """For a while, let some of the gateways' transactional requests come late, and some not at all."""
        self.late.active = True
        self.later(seconds, self._in_time_again)

    def _in_time_again(self) -> None:
        self.late.active = False

    def misbehave(self, mood: str, seconds: float) -> None:
        """Tell the graph's replicas to be slow, overloaded or away for a while."""
        if self.fused is not None:
            self.fused.misbehave(mood, seconds)
            return
        for _ in range(4):
            self._handle.misbehave.remote(mood, seconds)

    # -- the end ------------------------------------------------------------------------------------------------------

    def wait_until_done(self, timeout_s: float) -> bool:
        """Wait until the group has consumed all there is, at least one gateway running."""
        for thread in self._threads:
            thread.join(120)
        self.proxied.proxy.call(self.late.deliver_all())
        if not self.gateways:
            self.add_gateway()
        return wait_until_consumed(self.broker.bootstrap, self.settings.group_id, APPLICATIONS, timeout_s)


def _signal(process: psutil.Process, number: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)
        return True
    return False


def _mount(folder: Path) -> bool:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3g", "tmpfs", str(folder)], check=False, capture_output=True
    )
    return done.returncode == 0
