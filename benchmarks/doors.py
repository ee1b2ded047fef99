"""Decisions a second and latency at both doors, on the running stack of a home or on one of its own: `make bench`.

HTTP: callers in a process of their own keep a number of requests under way, each one application on file, decided,
explained and audited. Kafka: applications are sent as fast as possible for the rate, then at a part of that rate for
the latency, which runs from the producer's send to the moment at which a reader of committed records has the decision.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import time
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.decisions import DecisionReader
from credit.wire.topics import APPLICATIONS_TOPIC
from streaming.feed import feed, read_rows

_WARM_UP = 200


@dataclass(frozen=True, slots=True)
class DoorFigures:
    """One row of the table: rates in decisions a second, latencies in milliseconds."""

    door: str
    load: str
    decisions: int
    per_s: float
    p50_ms: float
    p99_ms: float


def http_door(url: str, api_key: str, client_ids: list[int], concurrency: int, seconds: float) -> DoorFigures:
    """Measure POST /explain with `concurrency` requests under way for `seconds`, from a process of its own."""
    with get_context("spawn").Pool(1) as pool:
        count, elapsed, times = pool.apply(_call, (url, api_key, client_ids, concurrency, seconds))
    p50, p99 = np.percentile(times, [50, 99]) * 1000
    return DoorFigures("HTTP", f"{concurrency} at once", count, count / elapsed, p50, p99)


def _call(
    url: str, api_key: str, client_ids: list[int], concurrency: int, seconds: float
) -> tuple[int, float, list[float]]:
    return asyncio.run(_call_all(url, api_key, client_ids, concurrency, seconds))


async def _call_all(
    url: str, api_key: str, client_ids: list[int], concurrency: int, seconds: float
) -> tuple[int, float, list[float]]:
    import aiohttp

    times: list[float] = []
    clients = itertools.cycle(client_ids)
    async with aiohttp.ClientSession(
        base_url=url, headers={"X-API-Key": api_key}, connector=aiohttp.TCPConnector(limit=concurrency)
    ) as session:

        async def caller(until: float, kept: list[float]) -> None:
            while time.perf_counter() < until:
                begun = time.perf_counter()
                async with session.post("/explain", json={"sk_id_curr": next(clients)}) as answer:
                    await answer.read()
                    answer.raise_for_status()
                kept.append(time.perf_counter() - begun)

        await asyncio.gather(*(caller(time.perf_counter() + 2.0, []) for _ in range(concurrency)))
        begun = time.perf_counter()
        await asyncio.gather(*(caller(begun + seconds, times) for _ in range(concurrency)))
        elapsed = time.perf_counter() - begun
    return len(times), elapsed, times


def _wait_for(decisions: DecisionReader, count: int, idle_s: float = 60.0) -> None:
    """Wait until `count` decisions are there; raises TimeoutError when none came for `idle_s`."""
    last, since = -1, time.monotonic()
    while (seen := len(decisions.arrived)) < count:
        if seen != last:
            last, since = seen, time.monotonic()
        if time.monotonic() - since > idle_s:
            raise TimeoutError(f"{seen} of {count} decisions after {idle_s:.0f} s without any")
        time.sleep(0.02)


def kafka_door(bootstrap: str, table: Path, count: int, rate: float | None) -> DoorFigures:
    """Measure `count` applications of `table`, sent at `rate` a second or as fast as possible."""
    prefix = f"bench{time.time_ns()}-"
    decisions = DecisionReader(bootstrap, prefix)
    decisions.listen()
    begun = time.time()
    sent = feed(bootstrap, table, rate=rate, limit=count, repeat=True, topic=APPLICATIONS_TOPIC, id_prefix=prefix)
    _wait_for(decisions, sent)
    decisions.stop()
    elapsed = max(decisions.arrived.values()) - begun
    times = np.array([decisions.arrived[key] * 1000 - decisions.submitted[key] for key in decisions.arrived])
    p50, p99 = np.percentile(times, [50, 99])
    load = "as fast as possible" if rate is None else f"{rate:.0f} a second"
    return DoorFigures("Kafka", load, sent, sent / elapsed, p50, p99)


def bench_doors(
    url: str, api_key: str, bootstrap: str, table: Path, json_out: Path | None = None, seconds: float = 10.0
) -> list[DoorFigures]:
    """Measure both doors of the stack at `url` and `bootstrap` with the applications of `table`, and print them.

    url: the HTTP door; table: applications that are on file. Writes the figures as JSON to `json_out` if given.
    """
    rows = list(itertools.islice(read_rows(table), 2000))
    client_ids = [int(row["SK_ID_CURR"]) for row in rows]
    figures = [http_door(url, api_key, client_ids, concurrency, seconds) for concurrency in (1, 8, 32, 64)]
    kafka_door(bootstrap, table, _WARM_UP, None)
    full = kafka_door(bootstrap, table, 20_000, None)
    figures.append(full)
    for part in (0.25, 0.5, 0.8):
        rate = part * full.per_s
        figures.append(kafka_door(bootstrap, table, int(rate * seconds), rate))
    show(figures)
    if json_out:
        json_out.write_text(json.dumps([asdict(f) for f in figures], indent=2) + "\n")
    return figures


def show(figures: list[DoorFigures]) -> None:
    """Print the figures as a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Both doors, every decision explained and audited")
    columns: list[tuple[str, Any]] = [
        ("door", "left"),
        ("load", "left"),
        ("decisions", "right"),
        ("a second", "right"),
        ("p50 ms", "right"),
        ("p99 ms", "right"),
    ]
    for name, justify in columns:
        table.add_column(name, justify=justify)
    for f in figures:
        table.add_row(f.door, f.load, str(f.decisions), f"{f.per_s:,.0f}", f"{f.p50_ms:.0f}", f"{f.p99_ms:.0f}")
    Console().print(table)


def main() -> None:
    """Measure the stack of a home; where none runs, one is started for it and stopped again."""
    from rich.console import Console

    from loanstream.intake.tables import table_to_stream
    from loanstream.stack.actions import Wanted
    from loanstream.stack.home import Home
    from loanstream.stack.prepared import tables_of
    from loanstream.stack.stack import PortOptions, Stack
    from loanstream.terminal.start import bring_up, stopping

    parser = argparse.ArgumentParser(prog="python -m benchmarks.doors", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".loanstream"), help="home of the stack")
    parser.add_argument("--data", type=Path, help="tables of the stack, where it is started; the home's if not given")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each measurement")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args()
    home, console = Home.at(given.home), Console()
    stack = Stack(home)
    with home.locked():
        place, running = stack.claim("up", PortOptions())
        if not running:
            bring_up(stack, place, Wanted(given.data, any_champion=given.data is None), console)
    try:
        table = table_to_stream(given.data or tables_of(home))
        bench_doors(place.http, home.api_key(), place.bootstrap, table, given.json, given.seconds)
    finally:
        if not running:
            stopping(stack, console)


if __name__ == "__main__":
    main()
