"""The gateway's word on its own health, without a broker."""

from __future__ import annotations

import time

import pytest

from credit.errors import DependencyUnavailable
from streaming.gateway.gateway import Gateway
from streaming.settings import StreamingSettings
from tests.fixtures.deciding import FakeGraph


class Alive:
    """Stands for the consumer thread."""

    def __init__(self, alive: bool = True) -> None:
        self.alive = alive

    def is_alive(self) -> bool:
        return self.alive


@pytest.fixture
def gateway() -> Gateway:
    gateway = Gateway(StreamingSettings(stall_timeout_s=10.0), FakeGraph())
    gateway._thread = Alive()  # type: ignore[assignment]
    return gateway


def test_a_consumer_at_work_is_healthy(gateway: Gateway) -> None:
    """Polling and committing: nothing to replace."""
    gateway._stats.assigned, gateway._stats.lag = [0], 100
    gateway.check_health()


def test_a_dead_thread_is_unhealthy(gateway: Gateway) -> None:
    """A thread that ended takes its last error with it."""
    gateway._thread = Alive(False)  # type: ignore[assignment]
    gateway._stats.last_error = "MemoryError"
    with pytest.raises(DependencyUnavailable, match="MemoryError"):
        gateway.check_health()


def test_a_thread_that_hangs_is_unhealthy(gateway: Gateway) -> None:
    """No poll for longer than two transactions and two starts can take."""
    gateway._stats.last_poll_at = time.monotonic() - 1000
    with pytest.raises(DependencyUnavailable, match="polled"):
        gateway.check_health()


def test_a_stalled_consumer_is_unhealthy_only_if_work_waits_and_the_graph_is_there(gateway: Gateway) -> None:
    """Without lag, or while the graph keeps it waiting, standing still is right."""
    stats = gateway._stats
    stats.assigned, stats.lag, stats.last_progress_at = [0], 5, time.monotonic() - 60
    with pytest.raises(DependencyUnavailable, match="5 applications wait"):
        gateway.check_health()
    stats.degraded = True
    gateway.check_health()
    stats.degraded, stats.lag = False, 0
    gateway.check_health()
    stats.lag, stats.assigned_at = 5, time.monotonic()
    gateway.check_health()


def test_the_rate_is_of_the_last_ten_seconds_and_capacity_of_busy_ones(gateway: Gateway) -> None:
    """Counts add up; a replica with nothing waiting says nothing of its speed, nor does a batch of few."""
    stats = gateway._stats
    stats.started_at = stats.last_progress_at = time.monotonic() - 100
    stats.committed(50, 48, 2)
    assert (gateway.stats().applications, gateway.stats().decisions, gateway.stats().dead_letters) == (50, 48, 2)
    assert 4.0 < gateway.stats().rate < 6.0
    assert gateway.stats().capacity == 0.0
    stats.lag, stats.last_progress_at = 1000, time.monotonic() - 0.1
    stats.committed(stats.telling_batch - 1, stats.telling_batch - 1, 0)
    assert gateway.stats().capacity == 0.0
    stats.last_progress_at = time.monotonic() - 0.2
    stats.committed(200, 200, 0)
    assert 500 < gateway.stats().capacity < 1100
