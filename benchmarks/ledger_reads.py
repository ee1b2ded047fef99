"""What finding decisions takes while others are taken, and what it takes from those: `make bench-ledger-reads`.

On the running stack of a home whose ledger holds what `python -m benchmarks.ledger_fill` put there. First the stream's
highest rate; then half of it, as independent applicants come, in turn with nobody asking and with people who ask the
ledger by the API's one address at moments of their own, each filter in turn; last the highest rate again with them. All
latencies run from the intended moment. The sink stores what is decided meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ledger_processes import stored
from benchmarks.load.figures import Measured, measured, table
from benchmarks.load.schedule import GRAIN_S, Schedule
from benchmarks.load.stream import StreamDoor, stream_load
from credit.errors import StackError
from ledger.settings import LedgerSettings
from ledger.wiring import engine_of
from loanstream.ledger_api import LedgerApi
from loanstream.stack.home import DEFAULT_HOME, Home
from loanstream.stack.surroundings import Place

_QUIET_S = 3.0
_LONGEST_S = 3600.0
Query = Mapping[str, str | int]


def questions(api: LedgerApi) -> dict[str, tuple[str, Query]]:
    """Return what is asked, by name: a path and its parameters; each filter of the route, and a client's list."""
    row = api.decisions({}, 1)[0]
    receipt = api.receipt(row["decision_id"])
    client, now = receipt["sk_id_curr"], int(row["decided_at"])
    day = 86_400_000
    asked: dict[str, Query] = {
        "newest": {},
        "client": {"client": client},
        "outcome": {"outcome": "refer"},
        "time": {"from": now - 10 * day, "to": now - 9 * day},
        "score range": {"points_from": 500, "points_to": 520},
        "model version": {"model_version": row["model_version"]},
        "door": {"door": "kafka"},
        "mode": {"mode": "history_unavailable"},
        "reason": {"reason": row["reasons"][0] if row["reasons"] else "R01"},
        "reviewed": {"reviewed": "true"},
        "not reviewed": {"reviewed": "false"},
        "all but time": {"outcome": "decline", "points_to": 480, "door": "kafka", "reviewed": "false"},
        "what nobody has": {"points_from": 100_000},
    }
    found = {name: ("/v1/decisions", query) for name, query in asked.items()}
    return found | {"a client's list": (f"/v1/clients/{client}/decisions", {})}


class Readers:
    """People who ask from a process of their own, `rate` questions a second, until they are stopped."""

    def __init__(self, url: str, api_key: str, asked: dict[str, tuple[str, Query]], rate: float) -> None:
        context = get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_read, args=(theirs, url, api_key, asked, rate), daemon=True)
        self._process.start()
        self._ours.recv()

    def stop(self) -> dict[str, tuple[np.ndarray[Any, Any], int]]:
        """Return the seconds that each question took, and how many were not answered."""
        self._ours.send("stop")
        taken: dict[str, tuple[np.ndarray[Any, Any], int]] = self._ours.recv()
        self._process.join(30)
        return taken


def _read(theirs: Connection, url: str, api_key: str, asked: dict[str, tuple[str, Query]], rate: float) -> None:
    import aiohttp

    taken: dict[str, list[float]] = {name: [] for name in asked}
    failed = dict.fromkeys(asked, 0)

    async def one(session: aiohttp.ClientSession, name: str, intended: float) -> None:
        path, query = asked[name]
        try:
            async with session.get(path, params=query) as answer:
                await answer.read()
                answer.raise_for_status()
        except aiohttp.ClientError:
            failed[name] += 1
        else:
            taken[name].append(time.perf_counter() - intended)

    async def play() -> None:
        names = list(asked)
        offsets = Schedule.lasting(_LONGEST_S, rate).offsets
        async with aiohttp.ClientSession(url, headers={"X-API-Key": api_key}) as session, asyncio.TaskGroup() as going:
            for name in names:  # connections and pages that a first question alone would wait for
                await one(session, name, time.perf_counter())
                taken[name].clear()
            theirs.send("ready")
            begun = time.perf_counter()
            for number, offset in enumerate(offsets.tolist()):
                while (ahead := begun + offset - time.perf_counter()) > GRAIN_S:
                    await asyncio.sleep(min(ahead, 0.05))
                    if theirs.poll():
                        return
                going.create_task(one(session, names[number % len(names)], begun + offset))

    asyncio.run(play())
    theirs.send({name: (np.array(seconds), failed[name]) for name, seconds in taken.items()})


def run(place: Place, stack: StreamDoor, options: argparse.Namespace) -> Iterator[Measured]:
    """Measure; rows of the stream by load, and of each question under all its seconds at half of the highest rate."""
    key = place.home.api_key()
    api = LedgerApi(place.ledger, key)
    engine = engine_of(LedgerSettings(home=place.home.ledger), durable=False)
    print(f"the ledger holds {stored(engine):,} decisions", flush=True)
    asked = questions(api)
    url = place.ledger if options.direct else place.http
    stream_load(stack, Schedule(500, None))

    def most(label: str) -> Measured:
        rows = [stream_load(stack, Schedule(options.applications, None), label) for _ in range(options.rounds)]
        _settled(engine)
        return sorted(rows, key=lambda row: row.per_s)[len(rows) // 2]

    alone = most("all at once")
    yield alone
    half = Schedule.lasting(options.seconds, alone.per_s / 2)
    answered: dict[str, list[tuple[np.ndarray[Any, Any], int]]] = {name: [] for name in asked}
    for _ in range(options.rounds):
        yield stream_load(stack, half, f"half, {half.rate:.0f} a second")
        readers = Readers(url, key, asked, options.rate)
        yield stream_load(stack, half, f"half, {options.rate:.0f} questions a s")
        for name, seconds in readers.stop().items():
            answered[name].append(seconds)
    readers = Readers(url, key, asked, options.rate)
    yield most(f"all, {options.rate:.0f} questions a s")
    readers.stop()
    for name, parts in answered.items():
        seconds = np.concatenate([part for part, _ in parts])
        elapsed = options.rounds * options.seconds
        yield measured("ledger", name, seconds, elapsed, sum(failed for _, failed in parts))
    print(f"the ledger holds {stored(engine):,} decisions")


def _settled(engine: Any) -> None:
    """Wait until the sink has stored what was decided."""
    before = -1
    while (there := stored(engine)) != before:
        before = there
        time.sleep(_QUIET_S)


def main() -> None:
    """Measure the running stack of a home and print the report."""
    from loanstream.intake.tables import table_to_stream
    from loanstream.stack.graph import graph_state
    from loanstream.stack.prepared import tables_of

    parser = argparse.ArgumentParser(prog="make bench-ledger-reads", description=__doc__)
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME, help="home of the running stack")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of each measurement at half rate")
    parser.add_argument("--rate", type=float, default=20.0, help="questions a second")
    parser.add_argument("--applications", type=int, default=20_000, help="sent all at once, for the highest rate")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--direct", action="store_true", help="ask the ledger's own door, not the API's address")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    place = Place.of(Home.at(options.home))
    if graph_state(place) is None:
        raise StackError(f"no stack runs in {place.home.root}; start it with `loanstream up`")
    topics = place.topics
    applications = table_to_stream(tables_of(place.home))
    stack = StreamDoor("Kafka", place.bootstrap, topics.applications_topic, topics.decisions_topic, applications)
    rows: list[Measured] = []
    with contextlib.suppress(KeyboardInterrupt):
        for row in run(place, stack, options):
            rows.append(row)
            print(
                f"{row.door}, {row.load}: {row.per_s:,.0f} a second, p50 {row.p50_ms:.1f}, p99 {row.p99_ms:.1f} ms",
                flush=True,
            )
    print(table(rows))
    quick = [row.p99_ms for row in rows if row.door == "ledger"]
    if quick:
        print(f"slowest_filter_p99_ms={max(quick):.1f} median_filter_p99_ms={statistics.median(quick):.1f}")
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
