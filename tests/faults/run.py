"""The fault suite: real Kafka and real Ray, broken in random order and timing, and not one application lost or doubled.

    python -m tests.faults.run --seed 1 --faults 200 --applications 300000

The last line is `faults=N applications=N lost=N doubled=N gaps=N`; the exit code is 1 unless the last three are 0.
`--planted-bug` runs it on a gateway that commits before it flushes (`--planted-bug epoch`: on one that takes no new
epoch after a request that went unanswered), and must end with 1.
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

from tests.faults.checker import check
from tests.faults.parts import PLANTED_BUGS
from tests.faults.world import APPLICATIONS, AUDIT, DEAD_LETTERS, DECISIONS, MOST_GATEWAYS, World

_SECONDS_A_FAULT = 7.0
_LONGEST_END_S = 600.0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.run", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--applications", type=int, default=300_000)
    parser.add_argument("--only", default="", help="comma-separated kinds of fault")
    parser.add_argument(
        "--planted-bug", nargs="?", default="", const="flush", choices=sorted(PLANTED_BUGS), help="break the gateway"
    )
    parser.add_argument(
        "--graph", default="composed", choices=["composed", "fused"], help="a deployment, or in each gateway's process"
    )
    options = parser.parse_args(arguments)
    home = Path(tempfile.mkdtemp(prefix="faults-"))
    begin = time.monotonic()

    def say(text: str) -> None:
        sys.stdout.write(f"{time.monotonic() - begin:7.1f} s  {text}\n")
        sys.stdout.flush()

    rng = random.Random(options.seed)
    world = World(home, rng, options.planted_bug, say, options.graph)
    try:
        done = _break_things(world, rng, options, say)
        world.wait_fed(_LONGEST_END_S)
        say("all fed; waiting for the gateways to catch up")
        caught_up = world.wait_until_done(_LONGEST_END_S)
        say("caught up" if caught_up else f"NOT caught up within {_LONGEST_END_S:.0f} s")
        found = check(world.broker.bootstrap, APPLICATIONS, DECISIONS, AUDIT, DEAD_LETTERS)
        reconciled = _reconcile(world)
    finally:
        world.close()
        shutil.rmtree(home, ignore_errors=True)
    say(f"{found.decisions} decisions + {found.dead_letters} dead letters for {found.applications} applications")
    for kind, count in sorted(done.items()):
        say(f"  {count:4d} x {kind}")
    for example in found.examples:
        say(f"  {example}")
    held, late = sum(world.late.held_kinds.values()), sum(world.late.delivered.values())
    say(f"{held} requests held, {late} of them delivered late, {world.late.dropped} more dropped")
    say(f"the project's own reconciler: {reconciled}")
    sys.stdout.write(
        f"faults={sum(done.values())} applications={found.applications} "
        f"lost={found.lost} doubled={found.doubled} gaps={found.gaps}\n"
    )
    clean = (found.lost, found.doubled, found.gaps) == (0, 0, 0) and found.applications == options.applications
    return 0 if clean else 1


def _break_things(
    world: World, rng: random.Random, options: argparse.Namespace, say: Callable[[str], None]
) -> Counter[str]:
    kinds = fault_kinds(world, rng)
    if options.only:
        kinds = {kind: kinds[kind] for kind in options.only.split(",")}
    done: Counter[str] = Counter()
    # Slower than the gateways are, so that there is work under way from the first fault to the last.
    rate = max(50.0, options.applications / (options.faults * _SECONDS_A_FAULT))
    world.feed(options.applications, rate, options.seed)
    time.sleep(5.0)
    # Every kind comes up: a shuffled deck of all of them, dealt again and again.
    deck: list[str] = []
    while sum(done.values()) < options.faults:
        if not deck:
            deck = sorted(kinds)
            rng.shuffle(deck)
        kind = deck.pop()
        if kinds[kind]() is False:
            continue  # nothing there to break at the moment
        done[kind] += 1
        say(f"fault {sum(done.values())}: {kind}")
        time.sleep(rng.uniform(0.2, 6.0))
    return done


def fault_kinds(world: World, rng: random.Random) -> dict[str, Callable[[], object]]:
    """Return every way to break things by name; one that answers False found nothing to break."""

    def scale_up() -> bool:
        if len(world.gateways) >= MOST_GATEWAYS:
            return False
        world.add_gateway()
        return True

    def scale_down() -> bool:
        if len(world.gateways) < 2:
            return False
        world.remove_gateway(rng.choice(world.gateways))
        return True

    def short_timeouts() -> None:
        world.update_gateway(rng.choice(world.gateways), flush_timeout_s=0.05, commit_timeout_s=0.05)

    kinds: dict[str, Callable[[], object]] = {
        "kill a gateway": lambda: world.kill("gateway"),
        "pause a gateway": lambda: world.pause("gateway", rng.uniform(1, 15)),
        "kill a graph replica": lambda: world.kill("decider"),
        "pause a graph replica": lambda: world.pause("decider", rng.uniform(1, 8)),
        "kill the broker": lambda: world.restart_broker(kill=True),
        "restart the broker": lambda: world.restart_broker(kill=False),
        "pause the broker": lambda: world.pause_broker(rng.uniform(0.5, 14)),
        "rebalance": lambda: world.rebalance(rng.uniform(0.5, 6)),
        "scale up": scale_up,
        "scale down": scale_down,
        "rolling update": lambda: world.update_gateway(rng.choice(world.gateways), drain_timeout_s=rng.uniform(2, 4)),
        "short client timeouts": short_timeouts,
        "late requests": lambda: world.late_requests(rng.uniform(2, 10)),
        "graph slow": lambda: world.misbehave("slow", rng.uniform(2, 8)),
        "graph overloaded": lambda: world.misbehave("overloaded", rng.uniform(2, 8)),
        "graph away": lambda: world.misbehave("away", rng.uniform(2, 8)),
    }
    if world.fused is not None:  # no replica of the graph's own is there to break
        del kinds["kill a graph replica"], kinds["pause a graph replica"]
    if world.has_tmpfs:
        kinds["broker's disk full"] = world.fill_disk
    else:
        world.say("this user may not mount a tmpfs: the broker's disk is not filled")
    return kinds


def _reconcile(world: World) -> str:
    from streaming.proof.reconcile import reconcile

    return reconcile(world.settings).line()


if __name__ == "__main__":
    sys.exit(main())
