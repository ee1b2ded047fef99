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
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from credit.errors import SettingsError
from credit.messages import APPLICATIONS_TOPIC, DECISIONS_TOPIC
from loanstream.stack.graph import graph_state
from loanstream.stack.home import DEFAULT_HOME, Home
from loanstream.stack.surroundings import GATEWAY_GROUP, Place
from streaming.clients import reader
from streaming.feed import feed

GATEWAY = "gateway"
PHASES = ("before", "burst", "after")
_MOST_WAIT_S = 300.0


@dataclass(slots=True)
class Second:
    """One second of the run.

    at_s: since its begin; arrived, decided: applications in it; waiting: applications not committed at its end; p50_s,
    p99_s: time to decision of those decided in it, NaN where none was; running, wanted: gateway replicas.
    """

    at_s: int
    arrived: int = 0
    decided: int = 0
    waiting: int = 0
    p50_s: float = float("nan")
    p99_s: float = float("nan")
    running: int = 0
    wanted: int = 0


@dataclass(slots=True)
class Burst:
    """The whole run: its seconds, when the burst began and ended, and figures by phase of submission.

    within: share of a phase's applications that were decided within the objective.
    """

    objective_s: float
    rates: tuple[float, ...]
    bounds: tuple[float, ...]
    seconds: list[Second]
    applications: dict[str, int] = field(default_factory=dict)
    p50_s: dict[str, float] = field(default_factory=dict)
    p99_s: dict[str, float] = field(default_factory=dict)
    within: dict[str, float] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether 99 % of what was submitted during the burst was decided in time."""
        return self.within["burst"] >= 0.99

    def line(self) -> str:
        """Return the verdict as one line."""
        word = "held" if self.held else "NOT held"
        most = max(second.running for second in self.seconds)
        return (
            f"objective of {self.objective_s:g} s {word}: {100 * self.within['burst']:.2f} % of the burst's "
            f"{self.applications['burst']:,} applications in time, p50 {self.p50_s['burst']:.2f} s, "
            f"p99 {self.p99_s['burst']:.2f} s; up to {most} gateway replicas"
        )


def figures(
    objective_s: float,
    rates: tuple[float, ...],
    phase: np.ndarray[Any, np.dtype[np.int64]],
    submitted_s: np.ndarray[Any, np.dtype[np.float64]],
    decided_s: np.ndarray[Any, np.dtype[np.float64]],
    looks: list[tuple[float, int, int, int]],
) -> Burst:
    """Return the run's figures.

    phase: int64[n], which of the three each application was sent in; submitted_s, decided_s: float64[n], its Unix
    times; looks: (time, waiting, running, wanted).
    """
    begin_s = float(submitted_s.min())
    bounds = tuple(float(submitted_s[phase == place].min()) - begin_s for place in (1, 2))
    taken = decided_s - submitted_s
    came, left = np.floor(submitted_s - begin_s).astype(int), np.floor(decided_s - begin_s).astype(int)
    last = int(max(left.max(initial=0), max((int(at - begin_s) for at, *_ in looks), default=0)))
    seconds = [Second(at) for at in range(last + 1)]
    for second in seconds:
        second.arrived, second.decided = int((came == second.at_s).sum()), int((left == second.at_s).sum())
        if second.decided:
            second.p50_s, second.p99_s = (float(q) for q in np.percentile(taken[left == second.at_s], [50, 99]))
    seen = sorted(looks)
    for second in seconds:
        # The last look that ended in this second or before it.
        for at, waiting, running, wanted in seen:
            if at - begin_s >= second.at_s + 1:
                break
            second.waiting, second.running, second.wanted = waiting, running, wanted
    run = Burst(objective_s, rates, bounds, seconds)
    for place, name in enumerate(PHASES):
        chosen = taken[phase == place]
        run.applications[name] = len(chosen)
        run.p50_s[name], run.p99_s[name] = np.percentile(chosen, [50, 99]).tolist() if len(chosen) else (0.0, 0.0)
        run.within[name] = float((chosen <= objective_s).mean()) if len(chosen) else 1.0
    return run


class _Decisions(threading.Thread):
    """Reads decisions as they are committed: when each of this run's was submitted and when it arrived here."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        super().__init__(daemon=True)
        self._brokers, self._prefix = bootstrap, prefix.encode()
        self._ended = threading.Event()
        self.listening = threading.Event()
        self.phase: list[int] = []
        self.submitted: list[float] = []
        self.arrived: list[float] = []

    def run(self) -> None:
        from kafka import TopicPartition

        consumer = reader(self._brokers)
        places = [TopicPartition(DECISIONS_TOPIC, p) for p in consumer.partitions_for_topic(DECISIONS_TOPIC) or ()]
        consumer.assign(places)
        consumer.seek_to_end(*places)
        for place in places:
            consumer.position(place)
        self.listening.set()
        while not self._ended.is_set():
            polled = consumer.poll(timeout_ms=50)
            now = time.time()
            for records in polled.values():
                for record in records:
                    if record.key.startswith(self._prefix):
                        self.phase.append(int(record.key[len(self._prefix) : len(self._prefix) + 1]))
                        self.submitted.append(json.loads(record.value)["submitted_at"] / 1000)
                        self.arrived.append(now)
        consumer.close(autocommit=False)

    def stop(self) -> None:
        self._ended.set()
        self.join(timeout=10)


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
    decisions, looks = _Decisions(place.bootstrap, prefix), _Looks(place)
    decisions.start()
    if not decisions.listening.wait(30):
        raise TimeoutError(f"no Kafka at {place.bootstrap}; is the stack up?")
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
    submitted, arrived = np.array(decisions.submitted[:total]), np.array(decisions.arrived[:total])
    return figures(objective_s, rates, np.array(decisions.phase[:total]), submitted, arrived, looks.seen)


def show(run: Burst, every: int = 1) -> None:
    """Print the run as a table, each `every` seconds, and the verdict."""
    print(f"{'s':>4} {'in':>7} {'decided':>8} {'waiting':>8} {'p50 s':>7} {'p99 s':>7} {'gateways':>9} {'wanted':>7}")
    for second in run.seconds[::every]:
        print(
            f"{second.at_s:>4} {second.arrived:>7,} {second.decided:>8,} {second.waiting:>8,} {second.p50_s:>7.2f} "
            f"{second.p99_s:>7.2f} {second.running:>9} {second.wanted:>7}"
        )
    for name in PHASES:
        print(
            f"{name}: {run.applications[name]:,} applications, p50 {run.p50_s[name]:.2f} s, "
            f"p99 {run.p99_s[name]:.2f} s, {100 * run.within[name]:.2f} % within {run.objective_s:g} s"
        )
    print(run.line())


def draw(run: Burst, path: Path) -> None:
    """Write the run as SVG: rates, time to decision with its objective, and replicas, over one axis of time."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "loanstream"
    from matplotlib import pyplot as plt

    at = [second.at_s for second in run.seconds]
    figure, (rate, time_to, replicas) = plt.subplots(3, 1, sharex=True, figsize=(9, 7), height_ratios=(3, 3, 2))
    rate.step(at, [s.arrived for s in run.seconds], where="post", label="in a second")
    rate.step(at, [s.decided for s in run.seconds], where="post", label="decided a second")
    rate.plot(at, [s.waiting for s in run.seconds], linestyle=":", color="grey", label="waiting")
    rate.set_ylabel("applications")
    time_to.plot(at, [s.p99_s for s in run.seconds], marker=".", label="p99")
    time_to.plot(at, [s.p50_s for s in run.seconds], marker=".", label="p50")
    time_to.axhline(run.objective_s, color="red", linestyle="--", label=f"objective, {run.objective_s:g} s")
    time_to.set_ylabel("time to decision, s")
    replicas.step(at, [s.wanted for s in run.seconds], where="post", linestyle="--", label="wanted")
    replicas.step(at, [s.running for s in run.seconds], where="post", label="running")
    replicas.set_ylabel("gateway replicas")
    replicas.set_xlabel("seconds")
    replicas.yaxis.get_major_locator().set_params(integer=True)
    for axes in (rate, time_to, replicas):
        axes.axvspan(run.bounds[0], run.bounds[1], color="orange", alpha=0.12)
        axes.set_ylim(bottom=0)
        axes.legend(loc="best", fontsize="small")
        axes.grid(alpha=0.3)
    times = run.rates[1] / run.rates[0]
    figure.suptitle(f"A burst of {times:g} times {run.rates[0]:g} applications a second")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None})
    plt.close(figure)


def main() -> int:
    """Measure, print, draw; 1 where the objective did not hold."""
    from loanstream.demo.feed import table_to_stream
    from loanstream.stack.prepared import tables_of
    from streaming.deployment import GatewayScaling

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
