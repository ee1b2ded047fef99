"""The stack's processes: in groups of their own, known by pid and start time, stopped without touching others."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from credit.errors import StackError
from loanstream.stack.home import Home

# Every process that a stack starts carries its home's key in this variable, and so does all that it starts in turn:
# workers that outlive a killed parent are found by it.
MARK = "LOANSTREAM_STACK"
_POLL_S = 0.1
# What reads decisions once they are taken leaves the cores to what takes them: a thirtieth where both want one.
AFTER_DECIDING = 15


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """A process to start: its name (also its log's), the command, and what its environment has besides ours."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    grace_s: float = 15.0
    cwd: Path | None = None
    nice: int = 0  # how far it stands back where the cores are busy, 0 to 19


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """A process as its file in `run/` remembers it; `started` is the kernel's start time, seconds since the epoch."""

    name: str
    pid: int
    started: float
    grace_s: float
    order: int

    def process(self) -> psutil.Process | None:
        """Return the process if it still runs; a recycled pid has another start time and is somebody else's."""
        try:
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.started) > 1.0 or process.status() == psutil.STATUS_ZOMBIE:
                return None
        except psutil.NoSuchProcess:
            return None
        return process


class Processes:
    """Starts, finds and stops the processes of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    def start(
        self, spec: ProcessSpec, stdout: int | None = None, stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """Start a process in a session of its own, its output appended to its log (or into the pipe `stdout`)."""
        log = self._home.log(spec.name)
        with log.open("ab") as file:
            try:
                child = subprocess.Popen(
                    list(spec.command),
                    stdin=stdin,
                    stdout=file if stdout is None else stdout,
                    stderr=subprocess.STDOUT if stdout is None else file,
                    env={**os.environ, **spec.env, MARK: self._home.key},
                    cwd=spec.cwd,
                    start_new_session=True,
                )
            except OSError as error:
                raise StackError(f"{spec.name} did not start: {spec.command[0]}: {error.strerror}") from None
        if spec.nice:
            _stand_back(child.pid, spec.nice)
        self._children[child.pid] = child
        self.adopt(spec.name, child.pid, spec.grace_s)
        return child

    def adopt(self, name: str, pid: int, grace_s: float, order: int | None = None) -> None:
        """Remember a process that others started for this home, so that it is found and stopped like our own.

        order: 0 for what all others lean on, so that it is stopped last; by its start if not given.
        """
        with contextlib.suppress(psutil.NoSuchProcess):
            started = psutil.Process(pid).create_time()
            record = ProcessRecord(name, pid, started, grace_s, time.time_ns() if order is None else order)
            # Written aside: who looks meanwhile would take half a record for that of a start that was killed.
            part = self._file(name).with_suffix(".part")
            part.write_text(json.dumps(asdict(record)))
            part.replace(self._file(name))

    def log(self, name: str) -> Path:
        """Return the log of the process of that name."""
        return self._home.log(name)

    def records(self) -> list[ProcessRecord]:
        """Return what `run/` remembers, in the order in which it was started."""
        found = []
        for path in self._home.run.glob("*.process.json"):
            try:
                found.append(ProcessRecord(**json.loads(path.read_text())))
            except FileNotFoundError:
                continue  # stopped meanwhile
            except (ValueError, TypeError):
                path.unlink(missing_ok=True)  # half-written when a start was killed; the mark finds the process
        return sorted(found, key=lambda record: record.order)

    def alive(self, name: str) -> bool:
        """Say whether the process of that name runs."""
        return any(record.name == name and self._process(record) is not None for record in self.records())

    def stop(self, name: str) -> None:
        """Stop one process and all that it started: SIGTERM, and SIGKILL to what is left after its grace."""
        for record in self.records():
            if record.name == name:
                self._stop(record)
                self._file(name).unlink(missing_ok=True)

    def stop_all(self, on_stop: Callable[[str], None] | None = None) -> int:
        """Stop everything of this home in reverse order of its start; returns how many processes had to be ended."""
        ended = 0
        records = self.records()
        for record in reversed(records):
            if on_stop and self._process(record):
                on_stop(record.name)
            ended += self._stop(record)
        # Records are forgotten last: by their sessions the workers of a killed parent are found.
        ended += _end(self.all(), grace_s=5.0)
        for record in records:
            self._file(record.name).unlink(missing_ok=True)
        return ended

    def all(self) -> list[psutil.Process]:
        """Return every running process of this home, whoever its parent is now.

        It carries the home's mark, or it is in the session of a process that we started: Ray writes its workers' titles
        over their environment, mark and all. The kernel gives a session's number to nobody else while it has members.
        """
        sessions = {record.pid: record.started for record in self.records() if not _recycled(record)}
        found = []
        mine = os.getpid()
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.pid == mine or process.status() == psutil.STATUS_ZOMBIE:
                    continue
                mark = _environment(process).get(MARK)
                began = sessions.get(os.getsid(process.pid))
                in_session = began is not None and process.create_time() >= began - 1.0
                if mark == self._home.key or (mark is None and in_session):
                    found.append(process)
        return found

    def wait_until(self, ready: Callable[[], bool], name: str, what: str, timeout_s: float) -> None:
        """Wait until `ready()` holds; raises StackError when the process dies before or the time is over."""
        until = time.monotonic() + timeout_s
        log = self._home.log(name)
        while not ready():
            if not self.alive(name):
                raise StackError(f"{name} ended before {what}{_last_line(log)}; its log is {log}")
            if time.monotonic() > until:
                raise StackError(f"{name} did not reach {what} within {timeout_s:.0f} s; its log is {log}")
            time.sleep(_POLL_S)

    def _process(self, record: ProcessRecord) -> psutil.Process | None:
        child = self._children.get(record.pid)
        if child is not None:
            child.poll()  # reap it, so that a dead child is not taken for a running one
        return record.process()

    def _stop(self, record: ProcessRecord) -> int:
        process = self._process(record)
        ended = 0
        if process is not None:
            family = [process]
            with contextlib.suppress(psutil.NoSuchProcess):
                family += process.children(recursive=True)
            # The leader alone is asked first: it knows how to end its own workers in order.
            ended = _end([process], record.grace_s) + _end(family[1:], grace_s=3.0)
        child = self._children.pop(record.pid, None)
        if child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=1)
        return ended

    def _file(self, name: str) -> Path:
        return self._home.run / f"{name}.process.json"


def _recycled(record: ProcessRecord) -> bool:
    """Say whether the record's pid is somebody else's by now; a pid that nobody has is not."""
    try:
        return abs(psutil.Process(record.pid).create_time() - record.started) > 1.0
    except psutil.NoSuchProcess:
        return False


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except psutil.AccessDenied:
        return {}


def _stand_back(pid: int, nice: int) -> None:
    """Lower the priority of a process that was just started in a session of its own, and of all that it will start."""
    with contextlib.suppress(ProcessLookupError):  # it has ended already, which others will tell
        os.setpriority(os.PRIO_PROCESS, pid, nice)
    # Where Linux groups processes by session, priorities count within a session alone; the group has one of its own.
    group = Path(f"/proc/{pid}/autogroup")
    for _ in range(10):
        try:
            group.write_text(str(nice))
        except BlockingIOError:  # the kernel takes ten such changes a second
            time.sleep(_POLL_S)
        except OSError:
            return
        else:
            return


def _end(processes: list[psutil.Process], grace_s: float) -> int:
    """End processes: SIGTERM, then SIGKILL to those still there after `grace_s`; returns how many were running."""
    asked = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGTERM)
            asked.append(process)
    _, left = psutil.wait_procs(asked, timeout=grace_s)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=5)
    return len(asked)


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return f" ({lines[-1].strip()[:200]})" if lines else ""
