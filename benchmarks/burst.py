"""A tenfold burst against the running stack, second by second: `make bench-burst`, or `python -m benchmarks.burst`.

Applications come at a rate, then at ten times that rate, then at the first again. Each second it is noted what came in
and what was decided, what waits (the gateways' committed offsets against the topic's ends), the time to decision of
what was decided in that second, from submission to a reader of committed records, and how many gateway replicas run and
are wanted, as Serve says. The objective holds if 99 % of what was submitted during the burst was decided within it. On
two cores the stack keeps to one gateway: start it with LOANSTREAM_GATEWAY_MAX_REPLICAS=3 to see it scale.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from benchmarks.burst_report import Burst, draw, figures, show
from benchmarks.decisions import DecisionReader
from credit.errors import SettingsError
from credit.wire.topics import APPLICATIONS_TOPIC
from loanstream.stack.graph import GATEWAY, graph_state
from loanstream.stack.home import DEFAULT_HOME, Home
from loanstream.stack.surroundings import GATEWAY_GROUP, Place
from streaming.feed import feed
from streaming.kafka.clients import reader

_MOST_WAIT_S = 300.0


class _Looks(threading.Thread):
    """Looks once a second at what waits and at the gateway's replicas."""

    def __init__(self, place: Place) -> None:
        super().__init__(daemon=True)
        self._place = place
        self._ended = threading.Event()
        self.seen: list[tuple[float, int, int, int]] = []
        self.failed = 0

    def run(self) -> None:
        from kafka import TopicPartition
        from kafka.errors import KafkaError

        consumer = reader(self._place.bootstrap, group_id=GATEWAY_GROUP)
        numbers = consumer.partitions_for_topic(APPLICATIONS_TOPIC) or ()
        places = [TopicPartition(APPLICATIONS_TOPIC, number) for number in numbers]
        while not self._ended.wait(1.0 - time.time() % 1.0):
            try:
                ends = consumer.end_offsets(places)
                waiting = sum(end - (consumer.committed(tp, timeout_ms=2000) or 0) for tp, end in ends.items())
            except KafkaError:
                self.failed += 1
                continue
            graph = graph_state(self._place)
            gateway = graph.deployments.get(GATEWAY) if graph else None
            running, wanted = (gateway.running, gateway.target) if gateway else (0, 0)
            self.seen.append((time.time(), int(waiting), running, wanted))
        consumer.close(autocommit=False)

    def stop(self) -> None:
        self._ended.set()
        self.join(timeout=10)


def _send(bootstrap: str, table: Path, prefix: str, phases: list[tuple[float, float]]) -> int:
    """Send at each phase's rate for its length, from a process of its own, with the phase's number in the ids."""
    sent = 0
    for number, (rate, length) in enumerate(phases):
        count = int(rate * length)
        sent += feed(bootstrap, table, rate=rate, limit=count, repeat=True, id_prefix=f"{prefix}{number}-")
    return sent


def burst(
    place: Place, table: Path, base: float, factor: float, lengths: tuple[float, float, float], objective_s: float
) -> Burst:
    """Send `table`'s applications to the stack at `base` a second, at `factor` times that, and at `base` again.

    lengths: seconds of the three phases. Raises TimeoutError where not all of them are decided in the end.
    """
    rates = (base, base * factor, base)
    total = sum(int(rate * length) for rate, length in zip(rates, lengths, strict=True))
    prefix = f"burst{time.time_ns()}-"
    decisions, looks = DecisionReader(place.bootstrap, prefix), _Looks(place)
    decisions.listen()
    looks.start()
    phases = list(zip(rates, lengths, strict=True))
    sender = get_context("spawn").Process(target=_send, args=(place.bootstrap, table, prefix, phases))
    sender.start()
    try:
        sender.join()
        deadline = time.monotonic() + _MOST_WAIT_S
        while len(decisions.arrived) < total:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(decisions.arrived)} of {total} applications decided; are some dead letters?")
            time.sleep(0.1)
    finally:
        sender.kill()
        looks.stop()
        decisions.stop()
    keys = list(decisions.arrived)
    phase = np.array([int(key[len(prefix) : len(prefix) + 1]) for key in keys])
    submitted = np.array([decisions.submitted[key] / 1000 for key in keys])
    return figures(objective_s, rates, phase, submitted, np.array(list(decisions.arrived.values())), looks.seen)


def main() -> int:
    """Measure, print, draw; 1 where the objective did not hold."""
    from loanstream.intake.tables import table_to_stream
    from loanstream.stack.prepared import tables_of
    from streaming.gateway.scaling import GatewayScaling

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME, help="home of the running stack")
    parser.add_argument("--base", type=float, default=50.0, help="applications a second before and after")
    parser.add_argument("--factor", type=float, default=10.0, help="how many times as many in the burst")
    parser.add_argument("--before", type=float, default=30.0, help="seconds before the burst")
    parser.add_argument("--burst", type=float, default=60.0, help="seconds of the burst")
    parser.add_argument("--after", type=float, default=60.0, help="seconds after it")
    parser.add_argument("--objective", type=float, default=None, help="seconds to decision; the gateway's if not given")
    parser.add_argument("--every", type=int, default=1, help="print every so many seconds")
    parser.add_argument("--svg", type=Path, default=Path("docs/images/burst.svg"), help="where the plot goes")
    parser.add_argument("--json", type=Path, default=None, help="write the figures to this file too")
    wanted = parser.parse_args()
    home = Home.at(wanted.home)
    place = Place.of(home)
    if graph_state(place) is None and place.around.ray_address is None:
        raise SettingsError(f"no stack runs in {home.root}; start it with `loanstream up`")
    objective_s = wanted.objective if wanted.objective is not None else GatewayScaling().objective_s
    lengths = (wanted.before, wanted.burst, wanted.after)
    run = burst(place, table_to_stream(tables_of(home)), wanted.base, wanted.factor, lengths, objective_s)
    show(run, wanted.every)
    draw(run, wanted.svg)
    print(f"plot: {wanted.svg}")
    if wanted.json:
        wanted.json.write_text(json.dumps(asdict(run) | {"held": run.held}, indent=2) + "\n")
    return 0 if run.held else 1


if __name__ == "__main__":
    sys.exit(main())
