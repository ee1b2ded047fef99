"""How long a second `loanstream up` takes to its first decision, and into what: `make bench-start`.

A home with tables, champion and features is started again and again, each time by the command itself. Clients wait at
both doors from the first second: one application lies in Kafka as soon as the broker takes it, and an HTTP caller asks
until it is answered. CPU is that of everything the start runs, until it has ended.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.first_decisions import client_of, first_over_http, first_over_kafka
from benchmarks.http.servers import prepare
from benchmarks.processes import UsageOver, by_owner
from credit.errors import LoanstreamError, StackError
from loanstream.stack.home import Home
from loanstream.stack.process import Processes
from loanstream.stack.surroundings import Place

_STEP = re.compile(r"^(?P<title>[A-Z][\w ]+)(, (?P<part>[^:]+))?: (?P<detail>.*) \((?P<seconds>[\d.]+) s\)$")
_LOOK_S = 1.0


@dataclass(slots=True)
class Start:
    """One start: seconds of each step and from the command to the first decisions and its end, CPU seconds by owner.

    parts: what the steps say of their own parts, and into what those went.
    """

    steps: dict[str, float] = field(default_factory=dict)
    first_http_s: float = 0.0
    first_kafka_s: float = 0.0
    up_s: float = 0.0
    cpu_s: dict[str, float] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)


def start_once(home: Home, tables: Path, arguments: Sequence[str] = ()) -> Start:
    """Start the stack of a prepared home, and end it; raises StackError where it does not come up.

    tables: the folder whose application_test is sent.
    """
    made = Start()
    table = next(tables.glob("application_test.*"), None)
    if table is None:
        raise StackError(f"no application_test in {tables}: name the folder of the tables with --data")
    place = Place.of(home)
    client = client_of(table)
    command = [sys.executable, "-m", "loanstream", "--home", str(home.root), "up", "--no-prometheus", *arguments]
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    usage = UsageOver(Processes(home).all)
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    firsts = [
        _Timed(lambda stop: first_over_http(place.http, home.api_key(), client, stop), began),
        _Timed(lambda stop: first_over_kafka(place.bootstrap, table, stop), began),
    ]
    looks = _Looks(usage)
    try:
        assert child.stdout is not None
        lines = child.stdout.read()
        if child.wait():
            raise StackError(f"loanstream up failed: {lines[-2000:]}")
        made.up_s = time.monotonic() - began
        made.first_http_s, made.first_kafka_s = (first.seconds() for first in firsts)
        made.cpu_s = {owner: used.cpu_s for owner, used in by_owner(looks.end().by_role()).items()}
    finally:
        for first in firsts:
            first.stop()
        _run([sys.executable, "-m", "loanstream", "--home", str(home.root), "down"])
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    made.cpu_s["command"] = spent.ru_utime + spent.ru_stime - children.ru_utime - children.ru_stime
    read_steps(made, lines.splitlines())
    return made


def read_steps(made: Start, lines: Sequence[str]) -> None:
    """Take the seconds of each step and of its parts from the lines that `loanstream up` prints."""
    for line in lines:
        found = _STEP.match(line.strip())
        if found:
            seconds = float(found["seconds"])
            if found["part"] is None:
                made.steps[found["title"]] = seconds
            else:
                into = "" if found["detail"] == "done" else f" ({found['detail']})"
                made.parts[found["part"]] = f"{seconds:.1f} s{into}"


class _Timed(threading.Thread):
    """Waits for something in a thread and keeps when it came, in seconds since `began`."""

    def __init__(self, wait: Callable[[threading.Event], None], began: float) -> None:
        super().__init__(daemon=True)
        self._wait, self._began = wait, began
        self._stop_event = threading.Event()
        self._took: float | None = None
        self.start()

    def run(self) -> None:
        self._wait(self._stop_event)
        self._took = time.monotonic() - self._began

    def stop(self) -> None:
        self._stop_event.set()

    def seconds(self, timeout_s: float = 120.0) -> float:
        """Return when it came; raises StackError where it did not."""
        self.join(timeout_s)
        if self._took is None or self._stop_event.is_set():
            raise StackError(f"no decision came within {timeout_s:.0f} s of the start")
        return self._took


class _Looks(threading.Thread):
    """Looks at what runs once a second."""

    def __init__(self, usage: UsageOver) -> None:
        super().__init__(daemon=True)
        self._usage = usage
        self._ended = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._ended.wait(_LOOK_S):
            self._usage.look()

    def end(self) -> UsageOver:
        self._ended.set()
        self.join()
        self._usage.look()
        return self._usage


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, capture_output=True, check=False)


def draw(starts: Sequence[Start]) -> Table:
    """Return one row a start: seconds by the clock, then CPU seconds."""
    table = Table(title="starts, seconds", title_justify="left", box=None, padding=(0, 1))
    titles = list(dict.fromkeys(title for start in starts for title in start.steps))
    for name in ("", *titles, "up", "first HTTP", "first Kafka", "CPU s"):
        table.add_column(name, justify="right")
    for number, start in enumerate(starts, 1):
        cells = [start.steps.get(title, 0.0) for title in titles]
        cells += [start.up_s, start.first_http_s, start.first_kafka_s, start.cpu_s["all"] + start.cpu_s["command"]]
        table.add_row(str(number), *(f"{cell:.1f}" for cell in cells))
    return table


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def main() -> int:
    """Start as often as asked and print the table; the last line is for machines."""
    parser = argparse.ArgumentParser(prog="make bench-start", description=__doc__)
    parser.add_argument(
        "--home", type=Path, default=Path(".bench-start"), help="Home to start; made if it is not there."
    )
    parser.add_argument("--data", type=Path, help="Folder of tables that the home was prepared with, if not its own.")
    parser.add_argument("--starts", type=int, default=7, help="How often.")
    parser.add_argument("--clients", type=int, default=6000, help="Clients to train on where the home is new.")
    parser.add_argument("--json", type=Path, help="Write the figures there too.")
    options = parser.parse_args()
    home = Home.at(options.home)
    starts: list[Start] = []
    try:
        prepare(home, options.clients)
        for _ in range(options.starts):
            starts.append(start_once(home, options.data or home.data))
            parts = "; ".join(f"{part} {took}" for part, took in starts[-1].parts.items())
            print(f"  first decision after {starts[-1].first_kafka_s:.1f} s; {parts}", file=sys.stderr)
    except LoanstreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    Console(highlight=False, width=160).print(draw(starts))
    print(
        f"first_kafka={middle([s.first_kafka_s for s in starts]):.1f} "
        f"first_http={middle([s.first_http_s for s in starts]):.1f} up={middle([s.up_s for s in starts]):.1f} "
        f"cpu_s={middle([s.cpu_s['all'] + s.cpu_s['command'] for s in starts]):.1f}"
    )
    if options.json:
        options.json.write_text(json.dumps([asdict(start) for start in starts], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
