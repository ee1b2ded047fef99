"""One host: made, told to run programs, frozen, killed, and removed without a trace."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from credit.errors import StackError
from deploy.cluster import network
from deploy.cluster.clocks import wrong_clock
from deploy.cluster.init import STATE
from deploy.cluster.plan import ClusterPlan, PlannedHost
from deploy.images.mounted import mounted
from deploy.project import PROJECT
from streaming.broker.standstill import stand_still

_BOOT_TIMEOUT_S = 20.0
_NAMESPACES = ("--mount", "--pid", "--uts", "--ipc")


@dataclass
class Host:
    """A host of the cluster whose files lie in `home / name`.

    The project's folder and its packages are what an image is elsewhere: the same for all hosts, and read only.
    """

    plan: ClusterPlan
    planned: PlannedHost
    home: Path

    @property
    def name(self) -> str:
        return self.planned.name

    @property
    def address(self) -> str:
        return self.planned.address

    @property
    def folder(self) -> Path:
        """What the host sees as /var/lib/loanstream."""
        return self.home / self.name

    @property
    def pid(self) -> int | None:
        """Process id of the host's first process, from outside; None where the host is down."""
        with contextlib.suppress(OSError, ValueError):
            pid = int(self._pid_file.read_text())
            if f"deploy.cluster.init\0{self.name}\0".encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        return None

    @property
    def up(self) -> bool:
        return self.pid is not None

    def boot(self) -> None:
        """Make the host and wait until its files are there; StackError where it does not come up."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "logs").mkdir(exist_ok=True)
        (self.folder / "booted").unlink(missing_ok=True)
        self._write_names()
        if self.planned.namespace not in network.namespaces():
            network.join(self.plan, self.planned)
        init = [sys.executable, "-m", "deploy.cluster.init", self.name, str(self.folder), str(self.home), str(PROJECT)]
        unshared = ["unshare", *_NAMESPACES, "--fork", "--kill-child", "--propagation", "private"]
        with (self.home / f"{self.name}.log").open("ab") as log:
            outer = subprocess.Popen(
                ["ip", "netns", "exec", self.planned.namespace, *unshared, *init],
                cwd=PROJECT,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        deadline = time.monotonic() + _BOOT_TIMEOUT_S
        while not (self.folder / "booted").exists():
            if outer.poll() is not None or time.monotonic() > deadline:
                raise StackError(f"host {self.name} did not come up; read {self.home / f'{self.name}.log'}")
            time.sleep(0.02)
        # unshare waits; its only child is the host's first process.
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        self._pid_file.write_text(children[0])

    def _write_names(self) -> None:
        """Let the host know all names and addresses, and ask no server.

        A broker asks for the name of its own address before it lets anyone sign in, and would wait for an answer.
        """
        etc = self.folder / "etc"
        etc.mkdir(exist_ok=True)
        known = {host.address: host.name for host in self.plan.all_hosts()}
        lines = ["127.0.0.1 localhost", *(f"{address} {name}" for address, name in known.items())]
        (etc / "hosts").write_text("\n".join([*lines, f"{self.plan.gateway} machine"]) + "\n")
        (etc / "resolv.conf").write_text("options timeout:1 attempts:1\n")

    def run(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str],
        user: str | None = None,
        image: str | None = None,
    ) -> None:
        """Start a program on the host that outlives its starter; its output is in `logs/NAME.log` of the host.

        image: the role out of whose image it runs where the cluster runs out of images, as that image's user.
        """
        command, env = self._out_of(image, command, env)
        with (self.folder / "logs" / f"{name}.log").open("ab") as log:
            subprocess.Popen(
                self._inside(command, user),
                env={**env, **wrong_clock(self.clock_offset_s, command)},
                cwd="/",
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def call(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        timeout_s: float = 600.0,
        user: str | None = None,
        image: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program on the host to its end and return what it said; image: as for `run`."""
        command, env = self._out_of(image, command, env)
        return subprocess.run(
            self._inside(command, user),
            env=dict(env),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def log(self, name: str) -> Path:
        """Return the file in which a program's output stands, from outside."""
        return self.folder / "logs" / f"{name}.log"

    def processes(self, named: str = "") -> list[int]:
        """Return the ids, from outside, of all processes of the host, its first one included.

        named: what their command line holds, where not all are meant.
        """
        first = self.pid
        if first is None:
            return []
        mine = Path(f"/proc/{first}/ns/pid").readlink()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if (entry / "ns/pid").readlink() == mine and named in (entry / "cmdline").read_text():
                        found.append(int(entry.name))
        return found

    def freeze(self, named: str = "") -> None:
        """Stop every process of the host, as a machine whose hypervisor forgot it; or those that are `named` alone."""
        stand_still(lambda: self.processes(named))

    def thaw(self, named: str = "") -> None:
        """Let them go on."""
        _signal([*self.processes(named), *self._starters()], signal.SIGCONT)

    @property
    def clock_offset_s(self) -> float:
        """By how many seconds the clock of the programs is ahead that are started here from now on."""
        with contextlib.suppress(OSError, ValueError):
            return float(self._clock_file.read_text())
        return 0.0

    def set_clock(self, offset_s: float) -> None:
        """Let the programs that are started from now on read a clock that is ahead by so many seconds, or behind."""
        if offset_s and mounted(self.home):
            raise StackError("no clock can be wrong where programs run out of images")
        self._clock_file.write_text(str(offset_s))

    def slow(self, delay_s: float, jitter_s: float = 0.0, loss: float = 0.0) -> None:
        """Let each frame to and from the host come late, and a share of them not at all (slow_link.py)."""
        self.quicken()
        ends = network.part_from_bridge(self.plan, self.planned)
        figures = [str(figure) for figure in (delay_s, jitter_s, loss)]
        passing = subprocess.Popen(
            [sys.executable, "-m", "deploy.cluster.slow_link", *ends, *figures],
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._slow_file.write_text(str(passing.pid))

    def quicken(self) -> None:
        """Join the host to the bridge again; one that was not slow stays as it is."""
        with contextlib.suppress(OSError, ValueError):
            pid = int(self._slow_file.read_text())
            if b"deploy.cluster.slow_link" in Path(f"/proc/{pid}/cmdline").read_bytes():
                _signal([pid], signal.SIGKILL)
        self._slow_file.unlink(missing_ok=True)
        network.join_to_bridge(self.plan, self.planned)

    def kill(self) -> None:
        """Cut the host's power: the kernel ends all of its processes with the first one. Its files stay."""
        pid = self.pid
        if pid is not None:
            starters = self._starters()
            _signal([pid], signal.SIGKILL)
            _signal(starters, signal.SIGCONT)
            deadline = time.monotonic() + 10.0
            while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
                time.sleep(0.02)
        self._pid_file.unlink(missing_ok=True)

    def unplug(self) -> None:
        """Cut the host's power and remove its network; its files stay."""
        self.kill()
        self.quicken()
        network.leave(self.planned)

    def remove(self) -> None:
        """End the host and remove its network and its files."""
        self.unplug()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._clock_file.unlink(missing_ok=True)
        (self.home / f"{self.name}.log").unlink(missing_ok=True)

    def _out_of(
        self, role: str | None, command: Sequence[str], env: Mapping[str, str]
    ) -> tuple[list[str], dict[str, str]]:
        image = mounted(self.home).get(role or "")
        if image is None:
            return list(command), dict(env)
        os.chown(self.folder, image.user_id, image.user_id)
        return image.enter(list(command)), image.environment(dict(env))

    def _inside(self, command: Sequence[str], user: str | None) -> list[str]:
        pid = self.pid
        if pid is None:
            raise StackError(f"host {self.name} is down")
        as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--"] if user else []
        entered = ["nsenter", f"--target={pid}", "--net", *_NAMESPACES, f"--wdns={STATE}"]
        return [*entered, "--", *as_user, *command]

    def _starters(self) -> list[int]:
        """Return the processes outside that started one inside and wait for it.

        They stop when it is stopped, and as long as they stand still they collect nothing: the host could not end.
        """
        target = f"--target={self.pid}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                    if words[0] == b"nsenter" and target in words:
                        found.append(int(entry.name))
        return found

    @property
    def _pid_file(self) -> Path:
        return self.home / f"{self.name}.pid"

    @property
    def _slow_file(self) -> Path:
        return self.home / f"{self.name}.slow"

    @property
    def _clock_file(self) -> Path:
        return self.home / f"{self.name}.clock"


def listening(host: Host, port: int, env: Mapping[str, str]) -> bool:
    """Say whether something on the host listens at a port of its address."""
    probe = "import socket,sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 1).close()"
    return host.call([sys.executable, "-c", probe, host.address, str(port)], env, 10.0).returncode == 0


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
