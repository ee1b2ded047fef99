"""All doors of one stack under closed and open load: `make bench`.

HTTP and gRPC: callers keep so many requests under way, each one application on file, decided, explained and audited;
then HTTP as independent callers come, at parts of what it reached so.
Kafka: applications all at once, through a gateway alone and through Serve's in turn, whose ratio is the price of Serve;
then as independent applicants come, at parts of the highest rate, whether answers are there or not, with every latency
from the moment at which an application was meant to be sent to that at which a reader of committed records has its
decision. Where the stack is started for this, its first seconds are measured too; last, a second gateway joins and
leaves.
The driver runs on the same cores.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from benchmarks.load.alone import gateway_alone
from benchmarks.load.calls import CalledDoor, closed_loop, open_loop
from benchmarks.load.figures import Measured, table
from benchmarks.load.schedule import Schedule
from benchmarks.load.stream import StreamDoor, stream_load
from credit.wire.topics import Topics
from loanstream.stack.home import DEFAULT_HOME, Home
from loanstream.stack.surroundings import Place
from streaming.feed import read_rows
from streaming.settings import StreamingSettings

SHARES = (0.1, 0.25, 0.5, 0.8)
CALLERS = (1, 64)
PARTS = ("first", "calls", "stream", "latency", "rebalance")
STACK, ALONE = "Kafka", "Kafka, gateway alone"


@dataclass(frozen=True, slots=True)
class Options:
    """What is measured, and how long."""

    seconds: float
    applications: int
    rounds: int
    first_rate: float
    parts: frozenset[str]


def run(place: Place, applications: Path, fresh: bool, options: Options) -> Iterator[Measured]:
    """Measure the doors of a running stack, one after another; `fresh`: nobody has asked it anything yet."""
    topics = Topics()
    stack = StreamDoor(STACK, place.bootstrap, topics.applications_topic, topics.decisions_topic, applications)
    if fresh and "first" in options.parts:
        yield stream_load(
            stack, Schedule.lasting(30.0, options.first_rate), f"first 30 s, {options.first_rate:.0f} a s"
        )
    if "calls" in options.parts:
        yield from _calls(place, applications, options.seconds)
    if not options.parts & {"stream", "latency", "rebalance"}:
        return
    full = []
    for row in _full_speed(place, stack, options):
        full += [row.per_s] if row.door == STACK else []
        yield row
    most = statistics.median(full)
    if "latency" in options.parts:
        for share in SHARES:
            schedule = Schedule.lasting(options.seconds, share * most)
            yield stream_load(stack, schedule, f"{share:.0%}, {schedule.rate:.0f} a second")
    if "rebalance" in options.parts:
        yield _rebalanced(place, stack, 0.25 * most)


def _calls(place: Place, applications: Path, seconds: float) -> Iterator[Measured]:
    ids = tuple(int(row["SK_ID_CURR"]) for row in itertools.islice(read_rows(applications), 2000))
    key = place.home.api_key()
    http = CalledDoor("HTTP", place.http.removeprefix("http://"), key, ids)
    grpc = CalledDoor("gRPC", place.grpc, key, ids)
    most = 0.0
    for callers, door in itertools.product(CALLERS, (http, grpc)):
        row = closed_loop(door, callers, seconds)
        most = max(most, row.per_s if door is http else 0.0)
        yield row
    for share in SHARES:
        yield open_loop(http, Schedule.lasting(seconds, share * most))


def _full_speed(place: Place, stack: StreamDoor, options: Options) -> Iterator[Measured]:
    """Interleave rounds of the gateway alone and of Serve's; each is warmed up, neither's first transaction counts."""
    warm, all_at_once = Schedule(500, None), Schedule(options.applications, None)
    settings = _own_topics(place)
    names = (settings.applications_topic, settings.decisions_topic)
    alone = StreamDoor(ALONE, place.bootstrap, *names, stack.table)
    for _ in range(options.rounds):
        if "stream" in options.parts:
            with gateway_alone(place.home, settings):
                stream_load(alone, warm)
                yield stream_load(alone, all_at_once)
        stream_load(stack, warm)
        yield stream_load(stack, all_at_once)


def _rebalanced(place: Place, stack: StreamDoor, rate: float) -> Measured:
    """Let a second gateway join after a third of the time, take half the partitions, and leave after two thirds."""
    seconds, ended = 30.0, threading.Event()
    settings = StreamingSettings.model_validate({"bootstrap_servers": place.bootstrap})

    def second_gateway() -> None:
        ended.wait(seconds / 3)
        with gateway_alone(place.home, settings):
            ended.wait(seconds / 3)

    other = threading.Thread(target=second_gateway)
    other.start()
    try:
        return stream_load(stack, Schedule.lasting(seconds, rate), f"a 2nd joins and leaves, {rate:.0f}")
    finally:
        ended.set()
        other.join()


def _own_topics(place: Place) -> StreamingSettings:
    from streaming.kafka.admin import ensure_topics
    from streaming.kafka.topics import standard_topics

    suffix = os.urandom(4).hex()
    names = {name: f"alone-{suffix}-{name.removesuffix('_topic')}" for name in Topics.model_fields}
    own = {"bootstrap_servers": place.bootstrap, "group_id": f"alone-{suffix}"}
    settings = StreamingSettings.model_validate(names | own)
    ensure_topics(place.bootstrap, place.around.partitions, specs=standard_topics(settings))
    return settings


def show(rows: Sequence[Measured]) -> None:
    """Print the report, its last line for machines."""
    print(table(rows))
    whole = {
        name: [row.per_s for row in rows if row.door == name and row.load == "all at once"] for name in (STACK, ALONE)
    }
    if all(whole.values()):
        ours, alone = statistics.median(whole[STACK]), statistics.median(whole[ALONE])
        print(f"stream={ours:.0f} alone={alone:.0f} ratio_alone={ours / alone:.2f}")


def main() -> None:
    """Measure the stack of a home; where none runs, one is started for it and stopped again."""
    from loanstream.intake.tables import table_to_stream
    from loanstream.stack.actions import Wanted
    from loanstream.stack.prepared import tables_of
    from loanstream.stack.stack import PortOptions, Stack
    from loanstream.terminal.start import bring_up, stopping

    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME, help="home of the stack")
    parser.add_argument("--data", type=Path, help="tables of the stack, where it is started; the home's if not given")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each measurement")
    parser.add_argument("--applications", type=int, default=20_000, help="sent all at once")
    parser.add_argument("--rounds", type=int, default=3, help="of the gateway alone and Serve's in turn")
    parser.add_argument("--first-rate", type=float, default=365.0, help="a second, in the first 30 s of a fresh stack")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure these parts")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args()
    options = Options(given.seconds, given.applications, given.rounds, given.first_rate, frozenset(given.only))
    home, console = Home.at(given.home), Console()
    stack = Stack(home)
    with home.locked():
        place, running = stack.claim("up", PortOptions())
        if not running:
            bring_up(stack, place, Wanted(given.data, any_champion=given.data is None), console)
    rows: list[Measured] = []
    try:
        for row in run(place, table_to_stream(given.data or tables_of(home)), not running, options):
            rows.append(row)
            figures = f"{row.per_s:,.0f} a second, p50 {row.p50_ms:.1f} ms, p99 {row.p99_ms:.1f} ms"
            console.print(f"{row.door}, {row.load}: {figures}")
    finally:
        if not running:
            stopping(stack, console)
        # Also where a measurement failed or was ended: what came before it was measured.
        show(rows)
        if given.json:
            given.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
