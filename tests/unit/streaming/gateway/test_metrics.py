"""Metrics brought up to a gateway's stats."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from streaming.gateway.metrics import COUNTERS, GAUGES, PREFIX, GatewayMetrics
from streaming.gateway.stats import PHASES, LoopObserver


class Metrics:
    """Makes metrics that keep what they are told, by name and label."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, ...], float] = defaultdict(float)
        self.names: set[str] = set()

    def Counter(self, name: str, description: str, tag_keys: tuple[str, ...] | None = None) -> Any:
        return Metric(self, name, tag_keys or ())

    def Gauge(self, name: str, description: str) -> Any:
        return Metric(self, name, ())


class Metric:
    def __init__(self, metrics: Metrics, name: str, keys: tuple[str, ...]) -> None:
        self._values, self._name, self._keys = metrics.values, name.removeprefix(PREFIX), keys
        metrics.names.add(name)

    def inc(self, value: float, tags: dict[str, str] | None = None) -> None:
        assert tuple(tags or ()) == self._keys
        self._values[self._name, *(tags or {}).values()] += value

    def set(self, value: float) -> None:
        self._values[self._name,] = value


def test_counters_grow_by_what_is_new_and_gauges_follow() -> None:
    """Exported twice, a count is not counted twice; time is told by phase."""
    metrics = Metrics()
    exporter = GatewayMetrics(metrics)
    stats = replace(LoopObserver().stats(), applications=5, partitions=[0, 3], lag=7, degraded=True)
    exporter.export(stats)
    exporter.export(stats)
    doubts = stats.in_doubt_causes | {"network": 2}
    exporter.export(
        replace(stats, applications=9, lag=2, phase_s=stats.phase_s | {"poll": 1.5}, in_doubt_causes=doubts)
    )
    assert metrics.values["applications",] == 9
    assert metrics.values["lag",] == 2
    assert metrics.values["degraded",] == 1
    assert metrics.values["partitions_assigned",] == 2
    assert metrics.values["phase_seconds", "poll"] == 1.5
    assert metrics.values["in_doubt", "network"] == 2


def test_every_metric_has_its_name_and_nothing_is_exported_under_another() -> None:
    """All names are made at once, whatever has been counted so far."""
    metrics = Metrics()
    GatewayMetrics(metrics).export(LoopObserver().stats())
    assert metrics.names == {PREFIX + name for name in (*COUNTERS, *GAUGES, "phase_seconds", "in_doubt")}
    assert {key[1] for key in metrics.values if key[0] == "phase_seconds"} <= set(PHASES)
