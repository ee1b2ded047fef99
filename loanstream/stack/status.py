"""What runs in a home, as a table."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass

import psutil
from rich.table import Table
from rich.text import Text

from loanstream.stack.graph import GraphState, graph_state, is_ready
from loanstream.stack.home import Home
from loanstream.stack.process import ProcessRecord
from loanstream.stack.stack import Stack
from loanstream.stack.surroundings import Place

_MEBIBYTE = 1024**2


@dataclass(frozen=True, slots=True)
class Running:
    """A process of the stack with all that it started: seconds since its start, proportional memory in bytes."""

    name: str
    pid: int
    up_s: float
    memory: int


@dataclass(frozen=True, slots=True)
class Status:
    """What was found: `missing` names processes of a whole stack that do not run."""

    home: Home
    running: list[Running]
    missing: list[str]
    graph: GraphState | None
    ready: bool

    @property
    def up(self) -> bool:
        return bool(self.running) and not self.missing and self.ready

    @property
    def memory(self) -> int:
        return sum(process.memory for process in self.running)


def look(home: Home) -> Status:
    """Return what runs in a home; nothing is started or changed."""
    place = Place.of(home)
    stack = Stack(home)
    if not home.run.is_dir():
        return Status(home, [], stack.wanted_processes(place), None, False)
    running = [found for record in stack.processes.records() if (found := _running(record)) is not None]
    missing = [name for name in stack.wanted_processes(place) if name not in {process.name for process in running}]
    graph = graph_state(place) if running else None
    return Status(home, running, missing, graph, bool(running) and is_ready(place))


def draw_status(status: Status) -> Table:
    """Return the table that `loanstream status` prints."""
    table = Table(title=f"{status.home.root}", title_justify="left", title_style="bold", box=None, padding=(0, 2))
    table.add_column("part")
    table.add_column("state")
    table.add_column("pid", justify="right")
    table.add_column("up", justify="right")
    table.add_column("memory", justify="right")
    for process in status.running:
        table.add_row(process.name, Text("runs", "green"), str(process.pid), _span(process.up_s), _size(process.memory))
    for name in status.missing:
        table.add_row(name, Text("does not run", "red"), "", "", "")
    if status.running:
        word = Text("ready", "green") if status.ready else Text("not ready", "red")
        table.add_row("graph", word, "", "", "")
        for name, deployment in (status.graph.deployments if status.graph else {}).items():
            replicas = f"{deployment.running} of {deployment.target} replicas"
            table.add_row(f"  {name}", Text(replicas, "" if deployment.healthy else "yellow"), "", "", "")
        table.add_row("all", "", "", "", Text(_size(status.memory), "bold"))
    return table


def _running(record: ProcessRecord) -> Running | None:
    process = record.process()
    if process is None:
        return None
    family = [process]
    with contextlib.suppress(psutil.NoSuchProcess):
        family += process.children(recursive=True)
    return Running(record.name, record.pid, time.time() - record.started, sum(_memory(one) for one in family))


def _memory(process: psutil.Process) -> int:
    # Proportional set size: Ray's processes share most of theirs, and adding resident sizes would count it many times.
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, AttributeError):
        return 0


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _size(size: int) -> str:
    return f"{size / _MEBIBYTE:,.0f} MB"
