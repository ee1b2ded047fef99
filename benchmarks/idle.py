"""What a stack takes that decides nothing, by process: `make bench-idle`, or `python -m benchmarks.idle`.

Measures the running stack of a home: CPU as a share of one core over some time, and memory with shared pages counted
once. A stack that has just started still warms up (imports, a first report, HAProxy's first checks): `--after` waits
until the broker has run for so long.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.processes import Role, RoleUsage, UsageOver, by_owner
from loanstream.stack.home import DEFAULT_HOME, Home
from loanstream.stack.process import Processes

_LOOK_S = 5.0
_MEBIBYTE = 1024**2


def measure(home: Home, seconds: float) -> tuple[Mapping[Role, RoleUsage], float]:
    """Return what each role used, and the seconds for which it was looked at."""
    processes = Processes(home)
    began = time.monotonic()
    usage = UsageOver(processes.all)
    while (left := began + seconds - time.monotonic()) > 0:
        time.sleep(min(_LOOK_S, left))
        usage.look()
    return usage.by_role(), time.monotonic() - began


def draw(used: Mapping[Role, RoleUsage], seconds: float) -> Table:
    """Return the table, the dearest first, with a sum for each owner and for all."""
    table = Table(title=f"at rest, over {seconds:.0f} s", title_justify="left", box=None, padding=(0, 2))
    table.add_column("process")
    table.add_column("whose")
    table.add_column("% of a core", justify="right")
    table.add_column("MB", justify="right")
    for role, usage in sorted(used.items(), key=lambda item: -item[1].cpu_s):
        many = f" ({usage.count})" if usage.count > 1 else ""
        table.add_row(role.name + many, role.owner, *_figures(usage, seconds))
    table.add_section()
    for owner, usage in by_owner(used).items():
        table.add_row(f"({usage.count})", owner, *_figures(usage, seconds))
    return table


def _figures(usage: RoleUsage, seconds: float) -> tuple[str, str]:
    return f"{100 * usage.cpu_s / seconds:.2f}", f"{usage.memory / _MEBIBYTE:.0f}"


def _age_s(home: Home) -> float:
    """Return for how many seconds the oldest process of a home has run, 0 where none runs."""
    began = []
    for process in Processes(home).all():
        try:
            began.append(process.create_time())
        except psutil.NoSuchProcess:
            continue
    return time.time() - min(began, default=time.time())


def main() -> int:
    """Wait until the stack is old enough, measure it and print the table; the last line is for machines."""
    parser = argparse.ArgumentParser(prog="make bench-idle", description=__doc__)
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME, help="Home whose stack runs.")
    parser.add_argument("--seconds", type=float, default=45.0, help="Length of the measurement.")
    parser.add_argument("--after", type=float, default=600.0, help="Seconds for which the stack must have run.")
    parser.add_argument("--json", type=Path, help="Write the figures there too.")
    options = parser.parse_args()
    home = Home.at(options.home)
    age_s = _age_s(home)
    if age_s == 0.0:
        print(f"error: nothing runs in {home.root}; start it with `loanstream up`", file=sys.stderr)
        return 1
    if age_s < options.after:
        print(f"waiting for {options.after - age_s:.0f} s, until the stack has settled", file=sys.stderr)
        time.sleep(options.after - age_s)
    used, seconds = measure(home, options.seconds)
    Console(highlight=False).print(draw(used, seconds))
    everything = by_owner(used)["all"]
    print(f"cpu={100 * everything.cpu_s / seconds:.1f} memory_mb={everything.memory / _MEBIBYTE:.0f}")
    if options.json:
        rows = [{"process": role.name, "owner": role.owner, **asdict(usage)} for role, usage in used.items()]
        options.json.write_text(json.dumps({"seconds": seconds, "processes": rows}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
