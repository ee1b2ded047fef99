"""Which replicas are to be replaced."""

from __future__ import annotations

from dataclasses import replace

import pytest

from credit.errors import DependencyUnavailable
from streaming.gateway.health import require_healthy
from streaming.gateway.stats import GatewayStats, LoopObserver
from streaming.settings import StreamingSettings

SETTINGS = StreamingSettings(stall_timeout_s=10.0)


def busy(**changed: object) -> GatewayStats:
    """A replica with partitions and work, as of its first moment; and what is changed of it."""
    stats = replace(LoopObserver().stats(), partitions=[0], lag=5, seconds_since_assignment=300.0)
    return replace(stats, **changed)  # type: ignore[arg-type]


def test_a_consumer_at_work_is_healthy() -> None:
    """Polling and committing: nothing to replace."""
    require_healthy(busy(), True, SETTINGS)


def test_a_dead_thread_is_unhealthy() -> None:
    """A thread that ended takes its last error with it."""
    with pytest.raises(DependencyUnavailable, match="MemoryError"):
        require_healthy(busy(last_error="MemoryError"), False, SETTINGS)
    with pytest.raises(DependencyUnavailable, match="no error"):
        require_healthy(busy(), False, SETTINGS)


def test_a_thread_that_hangs_is_unhealthy() -> None:
    """No poll for longer than two transactions and two starts can take."""
    longest = 2 * SETTINGS.transaction_timeout_s + 2 * SETTINGS.start_timeout_s + SETTINGS.stall_timeout_s
    require_healthy(busy(seconds_since_poll=longest - 1), True, SETTINGS)
    with pytest.raises(DependencyUnavailable, match="has not polled for 91 s"):
        require_healthy(busy(seconds_since_poll=longest + 1), True, SETTINGS)


def test_a_stalled_consumer_is_unhealthy() -> None:
    """Applications wait, the graph is there, and nothing is decided."""
    with pytest.raises(DependencyUnavailable, match="5 applications wait and none was decided for 60 s"):
        require_healthy(busy(seconds_since_progress=60.0), True, SETTINGS)


@pytest.mark.parametrize(
    "changed", [{"degraded": True}, {"lag": 0}, {"partitions": []}, {"seconds_since_assignment": 1.0}]
)
def test_standing_still_can_be_right(changed: dict[str, object]) -> None:
    """The graph keeps it waiting, there is no lag, there are no partitions, or they have only just come."""
    require_healthy(busy(seconds_since_progress=60.0, **changed), True, SETTINGS)
