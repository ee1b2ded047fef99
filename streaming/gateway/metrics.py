"""The gateway's metrics: names, units, and where they come from; one place for dashboards and alerts to look."""

from __future__ import annotations

from typing import Protocol

from streaming.gateway.stats import GatewayStats

PREFIX = "loanstream_gateway_"

COUNTERS = {
    "applications": "Records taken from the applications topic in committed transactions.",
    "decisions": "Decisions published.",
    "dead_letters": "Records published as dead letters.",
    "transactions": "Transactions committed.",
    "epoch_renewals": "New epochs taken because a request of a committed transaction had gone unanswered at first.",
    "restarts": "Times both clients were closed and work started again from the committed offsets.",
    "rebalances": "Rebalances of the gateway's group seen by this replica.",
    "waits": "Pauses because the graph was overloaded or away.",
    "skipped_offsets": "Offsets between records that held none (markers of transactions, compaction).",
    "offsets_out_of_range": "Partitions whose next record had already been deleted: applications lost to retention.",
}
GAUGES = {
    "lag": "Applications that wait in this replica's partitions.",
    "rate": "Applications a second over the last ten seconds.",
    "in_flight": "Micro-batches at the graph.",
    "degraded": "1 while the graph keeps this replica waiting.",
    "seconds_since_progress": "Seconds since the last committed transaction.",
    "partitions_assigned": "Partitions this replica consumes.",
}


class CounterMetric(Protocol):
    """A number that only grows."""

    def inc(self, value: float, tags: dict[str, str] | None = None) -> None: ...


class GaugeMetric(Protocol):
    """A number of now."""

    def set(self, value: float) -> None: ...


class MetricFactory(Protocol):
    """What makes metrics by name; the module `ray.serve.metrics` is one."""

    def Counter(self, name: str, description: str, tag_keys: tuple[str, ...] | None = None) -> CounterMetric: ...  # noqa: N802
    def Gauge(self, name: str, description: str) -> GaugeMetric: ...  # noqa: N802


class GatewayMetrics:
    """Exports a gateway's stats; call `export` every few seconds, or Ray's gauges vanish."""

    def __init__(self, factory: MetricFactory) -> None:
        self._counters = {n: factory.Counter(PREFIX + n, description=d) for n, d in COUNTERS.items()}
        self._gauges = {n: factory.Gauge(PREFIX + n, description=d) for n, d in GAUGES.items()}
        self._in_doubt = factory.Counter(
            PREFIX + "in_doubt",
            description="Transactions given up because their outcome was in doubt; their records were read again.",
            tag_keys=("cause",),
        )
        self._phase = factory.Counter(
            PREFIX + "phase_seconds", description="Seconds of the loop by phase.", tag_keys=("phase",)
        )
        self._told: dict[str, float] = {}

    def export(self, stats: GatewayStats) -> None:
        """Bring the metrics up to `stats`."""
        for name, counter in self._counters.items():
            self._grow(name, float(getattr(stats, name)), counter, None)
        for cause, count in stats.in_doubt_causes.items():
            self._grow(f"in_doubt_{cause}", float(count), self._in_doubt, {"cause": cause})
        for phase, seconds in stats.phase_s.items():
            self._grow(f"phase_{phase}", seconds, self._phase, {"phase": phase})
        for name, gauge in self._gauges.items():
            value = len(stats.partitions) if name == "partitions_assigned" else getattr(stats, name)
            gauge.set(float(value))

    def _grow(self, name: str, value: float, counter: CounterMetric, tags: dict[str, str] | None) -> None:
        grown = value - self._told.get(name, 0.0)
        if grown > 0:
            counter.inc(grown, tags=tags)
            self._told[name] = value
