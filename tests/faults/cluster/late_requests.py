"""The cluster's own gateways, their transactional requests delivered late, their coordinators killed meanwhile.

    python -m tests.faults.cluster.late_requests --seed 1 --seconds 150

On a cluster that `make cluster` brought up: three brokers, TLS, the gateways on every worker as Serve deployed them.
Each worker's way to the brokers leads through a proxy (tests/faults/cluster/between.py) that holds requests back and
delivers them after their client sent them again, while brokers that coordinate transactions or lead a topic are killed.
The last line is `held=N delivered=N applications=N lost=N doubled=N`; the exit code is 1 unless the last two are 0,
each request that was held was delivered, none was taken whose epoch was over, and there were at least `--held` of them.
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
from contextlib import ExitStack
from pathlib import Path

from credit.errors import LoanstreamError
from deploy.cluster import leaders
from deploy.cluster.__main__ import DEFAULT_HOME
from deploy.cluster.cluster import Cluster
from deploy.cluster.host import Host
from streaming.settings import StreamingSettings
from tests.faults.checker import Findings, check
from tests.faults.cluster.between import Between
from tests.faults.cluster.world import ClusterWorld
from tests.faults.late import LateRequests

_LONGEST_END_S = 900.0
# A broker that was killed has to be back in sync before the next one goes: two of three would only stand still.
_BETWEEN_FAILOVERS_S = (30.0, 60.0)
_AWAY_S = (4.0, 8.0)
_MOST_TIMES = 3


def main(arguments: list[str] | None = None) -> int:
    """Hold requests back, kill coordinators, count."""
    parser = argparse.ArgumentParser(prog="make cluster-late-requests", description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME, help="folder of the running cluster")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=150.0)
    parser.add_argument("--rate", type=float, default=60.0, help="applications a second")
    parser.add_argument("--hold", type=float, default=0.2, help="how likely each request is to be held")
    parser.add_argument("--held", type=int, default=300, help="fewest requests held: it goes on until then")
    options = parser.parse_args(arguments)
    begin = time.monotonic()

    def say(text: str) -> None:
        sys.stdout.write(f"{time.monotonic() - begin:7.1f} s  {text}\n")
        sys.stdout.flush()

    try:
        cluster = Cluster.of(options.home)
    except LoanstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    rng = random.Random(options.seed)
    plan = LateRequests(StreamingSettings().transactional_prefix, random.Random(options.seed + 1), hold=options.hold)
    killed: Counter[str] = Counter()
    with ExitStack() as ending:
        folder = Path(tempfile.mkdtemp(prefix="cluster-late-"))
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        world = ClusterWorld(cluster, rng, folder, say)
        ending.callback(world.close)
        between = Between(cluster, world.workers, plan)
        ending.callback(between.stop)
        between.start()
        fed = _feed_and_kill(world, plan, killed, options, say)
        plan.active = False
        world.mend_all()
        between.proxy.call(plan.deliver_all())
        done = world.wait_until_done(_LONGEST_END_S)
        say("caught up" if done else f"NOT caught up within {_LONGEST_END_S:.0f} s")
        topics = world.topics
        names = topics.applications_topic, topics.decisions_topic, topics.audit_topic, topics.dead_letters_topic
        found = check(world.bootstrap, *names)
    return _tell(found, plan, killed, done and found.applications >= fed, options.held, say)


def _feed_and_kill(
    world: ClusterWorld,
    plan: LateRequests,
    killed: Counter[str],
    options: argparse.Namespace,
    say: Callable[[str], None],
) -> int:
    """Feed until enough was held, within bounds, and kill a coordinator every while; returns how many were fed."""
    kinds: dict[str, Callable[[], Host]] = {
        "the transactions' coordinator": lambda: leaders.transaction_coordinator(world.cluster),
        "the group's coordinator": lambda: leaders.group_coordinator(world.cluster),
        "a leader of decisions": lambda: leaders.leader(world.cluster, world.topics.decisions_topic),
    }
    count, fed = int(options.rate * options.seconds), 0
    while fed == 0 or (sum(plan.held_kinds.values()) < options.held and fed < _MOST_TIMES * count):
        world.feed(count, options.rate, options.seed)
        fed += count
        while world.feeding:
            time.sleep(world.rng.uniform(*_BETWEEN_FAILOVERS_S))
            kind = world.rng.choice(sorted(kinds))
            try:
                broke = world.kill(kinds[kind](), world.rng.uniform(*_AWAY_S))
            except Exception as error:  # noqa: BLE001 - brokers that are away cannot say who leads what
                say(f"  {kind}: not now ({str(error)[:100]})")
                continue
            killed[kind] += broke
            say(f"killed {kind}; {sum(plan.held_kinds.values())} requests held so far")
        world.wait_fed(_LONGEST_END_S)
    return fed


def _tell(
    found: Findings,
    plan: LateRequests,
    killed: Counter[str],
    whole: bool,
    least: int,
    say: Callable[[str], None],
) -> int:
    for name, number in sorted(killed.items()):
        say(f"killed {number} x {name}")
    plan.tell(say)
    for example in found.examples:
        say(f"  {example}")
    held, delivered = sum(plan.held_kinds.values()), sum(plan.delivered.values())
    sys.stdout.write(
        f"held={held} delivered={delivered} applications={found.applications} lost={found.lost} "
        f"doubled={found.doubled}\n"
    )
    clean = whole and (found.lost, found.doubled, found.gaps, plan.accepted_after_its_epoch) == (0, 0, 0, 0)
    return 0 if clean and held == delivered and held >= least else 1


if __name__ == "__main__":
    sys.exit(main())
