"""How many replicas it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from streaming.gateway.scaling import DrainTimePolicy, Load, replicas_for


@pytest.mark.parametrize(
    ("load", "current", "wanted"),
    [
        (Load(0, 0, 1000), 1, 1),
        (Load(20_000, 1000, 1000), 1, 4),  # 5,000 a second are needed: more than there may be
        (Load(5_000, 1000, 1000), 1, 2),
        (Load(0, 0, 1000), 4, 3),  # down one at a time
        (Load(0, 1900, 1000), 3, 3),  # two would do, but without a fifth to spare
        (Load(0, 1500, 1000), 3, 2),
        (Load(1e9, 0, 0), 1, 4),
    ],
)
def test_replicas_work_off_the_lag_within_the_objective(load: Load, current: int, wanted: int) -> None:
    """(lag / 5 s + arrivals) / capacity, between 1 and 4, downwards slowly."""
    assert replicas_for(load, current, 5.0, 1, 4) == wanted


@dataclass
class Context:
    metrics: dict[str, dict[str, float]]
    current_num_replicas: int = 1
    capacity_adjusted_min_replicas: int = 1
    capacity_adjusted_max_replicas: int = 8
    policy_state: dict[str, Any] = field(default_factory=dict)
    current_time: float | None = 0.0

    @property
    def aggregated_metrics(self) -> dict[str, dict[str, float]]:
        return self.metrics


def test_there_are_never_more_replicas_than_partitions() -> None:
    """A replica without a partition decides nothing."""
    context = Context({"lag": {"a": 1e6}, "rate": {"a": 900.0}, "capacity": {"a": 1000.0}, "partitions": {"a": 3.0}})
    assert DrainTimePolicy(5.0)(context)[0] == 3


def test_a_growing_lag_counts_as_arrivals() -> None:
    """With 1,000 decided a second and the lag growing by 1,000 a second, 2,000 a second come in."""
    policy = DrainTimePolicy(10.0)
    metrics = {"lag": {"a": 0.0}, "rate": {"a": 1000.0}, "capacity": {"a": 1000.0}, "partitions": {"a": 8.0}}
    _, state = policy(Context(metrics))
    wanted, _ = policy(Context(metrics | {"lag": {"a": 2000.0}}, policy_state=state, current_time=2.0))
    assert wanted == 3  # 2,000 a second that come, and 200 a second of lag


def test_without_any_report_nothing_changes() -> None:
    """A policy that hears nothing (all replicas starting) leaves the number as it is."""
    assert DrainTimePolicy()(Context({}, current_num_replicas=2))[0] == 2


def test_a_replica_that_was_never_busy_is_enough_for_what_it_decides() -> None:
    """At the start nobody knows how fast a replica is: no second one joins, and makes the group move, on a guess."""
    metrics = {"lag": {"a": 20.0}, "rate": {"a": 1800.0}, "capacity": {"a": 0.0}, "partitions": {"a": 8.0}}
    wanted, state = DrainTimePolicy()(Context(metrics))
    assert wanted == 1
    assert "capacity" not in state
    assert DrainTimePolicy()(Context(metrics | {"lag": {"a": 50_000.0}}))[0] == 8


def test_a_speed_once_measured_is_remembered() -> None:
    """Replicas that are idle again do not fall back to the guess."""
    busy = {"lag": {"a": 0.0}, "rate": {"a": 900.0}, "capacity": {"a": 3000.0}, "partitions": {"a": 8.0}}
    _, state = DrainTimePolicy()(Context(busy))
    _, later = DrainTimePolicy()(Context(busy | {"capacity": {"a": 0.0}}, policy_state=state, current_time=1.0))
    assert later["capacity"] == 3000.0
