"""Applications that come by chance, gateways that take what waits, brokers and a ledger that serve many: simpy.

Beyond the sizes that a machine holds the arithmetic says how much, and this says how long: every gateway is a process
that polls, decides a micro-batch of at most 500, and commits it at a broker that others use too, while the next one is
decided already. One application's time runs from its arrival to its commit, as a reader of committed records sees it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import simpy

from benchmarks.scaling.measured import OneCore

MAX_BATCH = 500
POLL_S = 0.002
# Between two hosts of a cluster a commit of three copies waits for the slower follower.
COPY_S = 0.002
# A gateway that is killed is missed after the session timeout; its partitions then lie with the others.
SESSION_TIMEOUT_S = 6.0
REPLACED_S = 12.0

Work = Generator[simpy.Event, Any, None]


@dataclass(frozen=True, slots=True)
class Cluster:
    """What is simulated: decisions a second, gateways, brokers with cores each, copies of a record; seconds of it.

    shared_cores: all parts take turns on so many cores, as on one machine; 0: each gateway has a core, and each broker
    its own. killed_at: one gateway is killed then. skew: the share of all applications that the busiest gateway's
    partitions have, above an even share.
    """

    rate: float
    gateways: int
    brokers: int = 3
    broker_cores: int = 4
    copies: int = 3
    seconds: float = 60.0
    shared_cores: int = 0
    killed_at: float | None = None
    skew: float = 0.0


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came of it: decisions, time to a decision in ms, how busy gateways and brokers were, and what waited.

    sink_behind: decisions that the one ledger's sink had not stored at the end; late: decisions later than 5 s.
    """

    decided: int
    p50_ms: float
    p99_ms: float
    worst_ms: float
    gateway_busy: float
    broker_busy: float
    mean_batch: float
    sink_behind: int
    late: int


class _Run:
    def __init__(self, cluster: Cluster, measured: OneCore, seed: int) -> None:
        self.cluster, self.m = cluster, measured
        self.env = simpy.Environment()
        self.random = np.random.default_rng(seed)
        shared = cluster.shared_cores
        self.machine = simpy.Resource(self.env, shared) if shared else None
        self.broker_of = [
            self.machine or simpy.Resource(self.env, cluster.broker_cores) for _ in range(cluster.brokers)
        ]
        self.arrivals = [self._come(share) for share in self._shares()]
        self.taken_to = [0] * cluster.gateways
        self.times: list[npt.NDArray[np.float64]] = []
        self.batches: list[int] = []
        self.gateway_s = self.broker_s = 0.0

    def _shares(self) -> npt.NDArray[np.float64]:
        shares = np.full(self.cluster.gateways, 1.0 / self.cluster.gateways)
        if self.cluster.gateways > 1:
            shares *= (1 - shares[0] - self.cluster.skew) / (1 - shares[0])
            shares[0] = 1 / self.cluster.gateways + self.cluster.skew
        return shares

    def _come(self, share: float) -> npt.NDArray[np.float64]:
        count = self.random.poisson(self.cluster.rate * share * self.cluster.seconds)
        return np.sort(self.random.uniform(0, self.cluster.seconds, count))

    def work(self, resource: Any, seconds: float) -> Work:
        """Work on one core of a resource, in slices as a scheduler gives them."""
        left = seconds
        while left > 0:
            with resource.request() as turn:
                yield turn
                part = min(left, 0.004)
                yield self.env.timeout(part)
                left -= part

    def gateway(self, place: int, own: Any) -> Work:
        """One gateway: takes what waits, decides it, and hands it on to be committed; two micro-batches at a time."""
        m = self.m
        core = self.machine or own
        committing = simpy.Resource(self.env, 1)
        fixed = 1e-3 * m.batch_fixed_ms.value
        while self.taken_to[place] < len(self.arrivals[place]):
            times = self.arrivals[place]  # others' may have come to it
            first = self.taken_to[place]
            if times[first] > self.env.now:
                yield self.env.timeout(times[first] - self.env.now + POLL_S)
            if self.cluster.killed_at is not None and place == 0 and self.env.now >= self.cluster.killed_at:
                yield from self._others_take_over(place)
                continue
            waiting = int(np.searchsorted(times, self.env.now, "right")) - first
            size = min(waiting, MAX_BATCH)
            self.taken_to[place] = first + size
            inside = size * 1e-6 * m.stage_in_us.value / m.through_serve.value + size * 1e-6 * m.redis_client_us.value
            yield from self.work(core, inside)
            self.gateway_s += inside
            turn = committing.request()
            yield turn
            committed = self.env.process(self.commit(core, times[first : first + size], fixed, committing, turn))
            if waiting <= MAX_BATCH:
                yield committed

    def _others_take_over(self, place: int) -> Work:
        """Nobody reads the killed one's partitions until the group has missed it and another has taken them."""
        assert self.cluster.killed_at is not None
        back = self.cluster.killed_at + SESSION_TIMEOUT_S
        if self.env.now < back:
            yield self.env.timeout(back - self.env.now)
        times, others = self.arrivals[place], self.cluster.gateways - 1
        replaced = self.cluster.killed_at + REPLACED_S
        until = int(np.searchsorted(times, replaced, "right"))
        for number, some in enumerate(np.array_split(np.arange(self.taken_to[place], until), others or 1)):
            to = number + 1 if others else place
            if others and len(some):
                kept = self.arrivals[to]
                done = self.taken_to[to]
                rest = np.concatenate([kept[done:], times[some]])
                # What came while nobody read is taken first, in its order, as it lies in the partitions.
                self.arrivals[to] = np.concatenate([kept[:done], np.sort(rest)])
        self.taken_to[place] = until
        self.cluster = _without_kill(self.cluster)
        if self.env.now < replaced:
            yield self.env.timeout(replaced - self.env.now)

    def commit(self, core: Any, came: npt.NDArray[np.float64], fixed: float, committing: Any, turn: Any) -> Work:
        """Send, flush, offsets, commit: CPU of the gateway, CPU of a broker, and the copies."""
        m, size = self.m, len(came)
        sending = size * 1e-6 * (m.gateway_cpu_us.value - m.stage_in_us.value) / m.through_serve.value
        yield from self.work(core, sending)
        taking = size * 1e-6 * m.broker_cpu_us.value
        leader, *followers = self.random.permutation(len(self.broker_of))[: self.cluster.copies]
        for follower in followers:
            self.env.process(self.work(self.broker_of[int(follower)], taking))
        begun = self.env.now
        yield from self.work(self.broker_of[int(leader)], taking)
        spent = self.env.now - begun
        self.gateway_s += sending
        self.broker_s += taking * (1 + len(followers))
        waiting = size * 1e-6 * m.stage_out_us.value + fixed - sending - spent
        yield self.env.timeout(max(0.0, waiting) + (COPY_S if self.cluster.copies > 1 else 0.0))
        self.times.append(self.env.now - came)
        self.batches.append(size)
        committing.release(turn)

    def result(self) -> Simulated:
        cluster, m = self.cluster, self.m
        for place in range(cluster.gateways):
            self.env.process(self.gateway(place, None if self.machine else simpy.Resource(self.env, 1)))
        if self.machine:
            self.env.process(self._beside())
        self.env.run(until=cluster.seconds)
        # What nobody has decided by then counts as long as it has waited.
        waiting = np.concatenate(
            [times[done:] for times, done in zip(self.arrivals, self.taken_to, strict=True)] or [np.empty(0)]
        )
        waiting = cluster.seconds - waiting[waiting < cluster.seconds]
        times = 1e3 * np.concatenate([*self.times, waiting])
        p50, p99 = np.percentile(times, [50, 99])
        decided = sum(self.batches)
        return Simulated(
            decided=decided,
            p50_ms=float(p50),
            p99_ms=float(p99),
            worst_ms=float(times.max()),
            gateway_busy=self.gateway_s / cluster.seconds / cluster.gateways,
            broker_busy=self.broker_s / cluster.seconds / cluster.brokers / cluster.broker_cores,
            mean_batch=decided / max(1, len(self.batches)),
            sink_behind=max(0, round(decided - m.sink_rate.value * cluster.seconds)),
            late=int((times > 5_000).sum()),
        )

    def _beside(self) -> Work:
        """On one machine monitor, ledger and whoever sends have the same cores: they work while decisions come."""
        m = self.m
        each = 1e-6 * (m.monitor_cpu_us.value + m.sink_cpu_us.value) * self.cluster.rate
        while True:
            yield self.env.timeout(0.02)
            self.env.process(self.work(self.machine, 0.02 * each))


def _without_kill(cluster: Cluster) -> Cluster:
    return replace(cluster, killed_at=None)


def simulate(cluster: Cluster, measured: OneCore, seed: int = 1) -> Simulated:
    """Simulate a cluster; the same arguments give the same result."""
    return _Run(cluster, measured, seed).result()
