"""Whole gateways behind a proxy that delivers their transactional requests late, and not one decision twice.

    python -m tests.faults.late_requests --seed 1 --seconds 150

The last line is `held=N delivered=N applications=N lost=N doubled=N`; the exit code is 1 unless the last two are 0,
each request that was held was delivered, and there were at least `--held` of them. `--planted-bug` runs it with
gateways that take no new epoch, and must end with 1.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from streaming.gateway.gateway import Gateway
from streaming.kafka.admin import ensure_topics
from streaming.kafka.topics import standard_topics
from streaming.kafka.transactions import TransactionalProducer
from streaming.proof.reconcile import reconcile
from streaming.settings import StreamingSettings
from tests.faults.checker import check
from tests.faults.lag import wait_until_consumed
from tests.faults.late import LateRequests
from tests.faults.parts import SameEpoch
from tests.faults.proxied import ProxiedBroker
from tests.fixtures.deciding import FakeGraph

APPLICATIONS, DECISIONS, AUDIT, DEAD_LETTERS = "applications", "decisions", "audit", "dead-letters"
PARTITIONS = 4
MOST_GATEWAYS = 3
PREFIX = "late"
GROUP = "gateways"
_LONGEST_END_S = 300.0
_MOST_TIMES = 3
_SECONDS_MORE = 20.0
# How long the gateways stay as many as they are before one joins or leaves.
_BETWEEN_REBALANCES_S = (4.0, 12.0)


class Fleet:
    """The gateways of a run, in this process; those that left are remembered, for their figures."""

    def __init__(self, settings: StreamingSettings, planted_bug: bool) -> None:
        self._settings = settings
        self._make_producer = SameEpoch if planted_bug else TransactionalProducer
        self.running: list[Gateway] = []
        self.left: list[Gateway] = []

    def add(self) -> None:
        """Start one more."""
        gateway = Gateway(self._settings, FakeGraph(delay_s=0.01), make_producer=self._make_producer)
        gateway.start()
        self.running.append(gateway)

    def remove(self, rng: random.Random) -> None:
        """Stop one in good order."""
        gateway = self.running.pop(rng.randrange(len(self.running)))
        gateway.stop()
        self.left.append(gateway)

    def stop(self) -> None:
        """Stop all."""
        while self.running:
            self.remove(random.Random(0))

    def line(self) -> str:
        """Return what the gateways of this run went through."""
        stats = [gateway.stats() for gateway in self.running + self.left]
        causes = {
            cause: sum(s.in_doubt_causes[cause] for s in stats) for cause in (stats[0].in_doubt_causes if stats else {})
        }
        doubts = ", ".join(f"{cause} {count}" for cause, count in causes.items() if count) or "none"
        return (
            f"{sum(s.transactions for s in stats)} transactions, {sum(s.epoch_renewals for s in stats)} new epochs, "
            f"{sum(s.restarts for s in stats)} restarts, {sum(s.rebalances for s in stats)} rebalances; "
            f"in doubt: {doubts}"
        )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.late_requests", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=150.0)
    parser.add_argument("--rate", type=float, default=150.0, help="applications a second")
    parser.add_argument("--hold", type=float, default=0.2, help="how likely each request is to be held")
    parser.add_argument("--held", type=int, default=1000, help="fewest requests held: it goes on until then")
    parser.add_argument("--planted-bug", action="store_true", help="leave the new epochs out")
    options = parser.parse_args(arguments)
    begin = time.monotonic()

    def say(text: str) -> None:
        sys.stdout.write(f"{time.monotonic() - begin:7.1f} s  {text}\n")
        sys.stdout.flush()

    rng = random.Random(options.seed)
    plan = LateRequests(PREFIX, random.Random(options.seed + 1), hold=options.hold)
    home = Path(tempfile.mkdtemp(prefix="late-"))
    world = ProxiedBroker(home, plan)
    feeder: subprocess.Popen[bytes] | None = None
    fleet = Fleet(_settings(world.bootstrap), options.planted_bug)
    try:
        world.start()
        straight = world.broker.bootstrap
        ensure_topics(straight, PARTITIONS, specs=standard_topics(_settings(straight)))
        fleet.add()
        fleet.add()
        fed, count = 0, int(options.rate * options.seconds)
        # A slow machine holds fewer in a second: it goes on until there were enough, within bounds.
        while fed == 0 or (sum(plan.held_kinds.values()) < options.held and fed < _MOST_TIMES * count):
            some = count if fed == 0 else int(options.rate * _SECONDS_MORE)
            arguments = [straight, APPLICATIONS, str(some), str(options.rate), "7"]
            feeder = subprocess.Popen([sys.executable, "-m", "tests.faults.feeder", *arguments])
            _come_and_go(fleet, rng, feeder)
            fed += some
            say(f"{fed} fed; {sum(plan.held_kinds.values())} requests held so far")
        plan.active = False
        world.proxy.call(plan.deliver_all())
        done = wait_until_consumed(straight, GROUP, APPLICATIONS, _LONGEST_END_S)
        say("caught up" if done else f"NOT caught up within {_LONGEST_END_S:.0f} s")
        fleet.stop()
        world.proxy.call(plan.deliver_all())
        found = check(straight, APPLICATIONS, DECISIONS, AUDIT, DEAD_LETTERS)
        reconciled = reconcile(_settings(straight)).line()
    finally:
        if feeder is not None and feeder.poll() is None:
            feeder.kill()
        fleet.stop()
        world.stop()
        shutil.rmtree(home, ignore_errors=True)
    say(fleet.line())
    plan.tell(say)
    for example in found.examples:
        say(f"  {example}")
    say(f"the project's own reconciler: {reconciled}")
    held, delivered = sum(plan.held_kinds.values()), sum(plan.delivered.values())
    sys.stdout.write(
        f"held={held} delivered={delivered} applications={found.applications} lost={found.lost} "
        f"doubled={found.doubled}\n"
    )
    clean = (found.lost, found.doubled, found.gaps) == (0, 0, 0) and found.applications == fed and done
    fenced = plan.accepted_after_its_epoch == 0
    return 0 if clean and fenced and held == delivered and held >= options.held else 1


def _settings(bootstrap: str) -> StreamingSettings:
    return StreamingSettings.model_validate(
        {
            "bootstrap_servers": bootstrap,
            "applications_topic": APPLICATIONS,
            "decisions_topic": DECISIONS,
            "audit_topic": AUDIT,
            "dead_letters_topic": DEAD_LETTERS,
            "group_id": GROUP,
            "transactional_prefix": PREFIX,
            "max_batch": 20,
            "max_backoff_s": 1.0,
            "drain_timeout_s": 5.0,
        }
    )


def _come_and_go(fleet: Fleet, rng: random.Random, feeder: subprocess.Popen[bytes]) -> None:
    """Until all is fed, let a gateway join or leave every few seconds: rebalances among late requests."""
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = feeder.wait(rng.uniform(*_BETWEEN_REBALANCES_S))
            assert code == 0, "the feeder failed: the run proves nothing"
            return
        if len(fleet.running) < MOST_GATEWAYS and (len(fleet.running) == 1 or rng.random() < 0.5):
            fleet.add()
        else:
            fleet.remove(rng)


if __name__ == "__main__":
    sys.exit(main())
