"""The cluster's fault suite: three brokers and several Ray nodes, broken in random order, overlap and timing.

    python -m tests.faults.cluster.run --seed 31 --faults 200 --applications 300000

On a cluster that `make cluster` brought up, whose gateways, graph and model are those of production. The last line is
`faults=N applications=N lost=N doubled=N gaps=N`; the exit code is 1 unless the last three are 0 and a reader that was
there during the run saw nothing that it should not have (tests/faults/history.py).
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from credit.errors import LoanstreamError
from deploy.cluster.__main__ import DEFAULT_HOME
from deploy.cluster.cluster import Cluster
from tests.faults.checker import Findings, check, committed_records
from tests.faults.cluster.kinds import fault_kinds
from tests.faults.cluster.world import ClusterWorld
from tests.faults.history import Broken, judge
from tests.faults.live_reader import read_history, seen_of

_SECONDS_A_FAULT = 8.0
_LONGEST_END_S = 900.0
_OTHERS_AFTER_S = (1.0, 9.0)


def main(arguments: list[str] | None = None) -> int:
    """Break the cluster, mend it, and count."""
    parser = argparse.ArgumentParser(prog="make cluster-faults", description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME, help="folder of the running cluster")
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--applications", type=int, default=300_000)
    parser.add_argument("--only", default="", help="comma-separated kinds of fault")
    options = parser.parse_args(arguments)
    begin = time.monotonic()

    def say(text: str) -> None:
        sys.stdout.write(f"{time.monotonic() - begin:7.1f} s  {text}\n")
        sys.stdout.flush()

    folder = Path(tempfile.mkdtemp(prefix="cluster-faults-"))
    rng = random.Random(options.seed)
    try:
        world = ClusterWorld(Cluster.of(options.home), rng, folder, say)
    except LoanstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    try:
        done = _break_things(world, rng, options, say)
        world.mend_all()
        world.wait_fed(_LONGEST_END_S)
        say("all mended, all fed; waiting for the gateways to catch up")
        caught_up = world.wait_until_done(_LONGEST_END_S)
        say("caught up" if caught_up else f"NOT caught up within {_LONGEST_END_S:.0f} s")
        topics = world.topics
        found = check(
            world.bootstrap,
            topics.applications_topic,
            topics.decisions_topic,
            topics.audit_topic,
            topics.dead_letters_topic,
        )
        final = [seen_of(record) for record in committed_records(world.bootstrap, topics.decisions_topic)]
        world.end_reading()
        broken = judge(read_history(world.history), final)
    finally:
        world.close()
        shutil.rmtree(folder, ignore_errors=True)
    return _tell(found, broken, done, options, say)


def _break_things(
    world: ClusterWorld, rng: random.Random, options: argparse.Namespace, say: Callable[[str], None]
) -> Counter[str]:
    kinds = fault_kinds(world, rng)
    if options.only:
        kinds = {kind: kinds[kind] for kind in options.only.split(",")}
    done: Counter[str] = Counter()
    world.start(
        options.applications, max(50.0, options.applications / (options.faults * _SECONDS_A_FAULT)), options.seed
    )
    time.sleep(5.0)
    deck: list[str] = []
    while sum(done.values()) < options.faults:
        if not deck:  # every kind comes up: a shuffled deck of all of them, dealt again and again
            deck = sorted(kinds)
            rng.shuffle(deck)
        kind = deck.pop()
        try:
            broke = kinds[kind]()
        except Exception as error:  # noqa: BLE001 - brokers that are away cannot say who leads what
            say(f"  {kind}: not now ({str(error)[:100]})")
            continue
        if broke:
            done[kind] += 1
            say(f"fault {sum(done.values())}: {kind}")
            time.sleep(rng.uniform(*_OTHERS_AFTER_S))
    return done


def _tell(
    found: Findings, broken: Broken, done: Counter[str], options: argparse.Namespace, say: Callable[[str], None]
) -> int:
    say(f"{found.decisions} decisions + {found.dead_letters} dead letters for {found.applications} applications")
    for kind, count in sorted(done.items()):
        say(f"  {count:4d} x {kind}")
    for example in (*found.examples, *broken.examples):
        say(f"  {example}")
    say(
        f"a reader during the run: {broken.vanished} vanished, {broken.skipped} skipped, "
        f"{broken.backwards} backwards, {broken.disordered} out of order"
    )
    sys.stdout.write(
        f"faults={sum(done.values())} applications={options.applications} "
        f"lost={found.lost} doubled={found.doubled} gaps={found.gaps}\n"
    )
    whole = found.applications >= options.applications
    return 0 if whole and (found.lost, found.doubled, found.gaps, broken.total) == (0, 0, 0, 0) else 1


if __name__ == "__main__":
    sys.exit(main())
