"""Whether a replica should be replaced: a dead, hung or stalled consumer, and nothing else."""

from __future__ import annotations

from credit.errors import DependencyUnavailable
from streaming.gateway.stats import GatewayStats
from streaming.settings import StreamingSettings


def require_healthy(stats: GatewayStats, thread_alive: bool, settings: StreamingSettings) -> None:
    """Raise DependencyUnavailable where this replica should be replaced.

    A broker or graph that is away is no reason: a new replica would find neither, and this one keeps its place.
    """
    if not thread_alive:
        raise DependencyUnavailable(f"the consumer thread is gone ({stats.last_error or 'no error'})")
    # Between two polls lie at most one transaction, one close of both clients and one start of new ones.
    longest = 2 * settings.transaction_timeout_s + 2 * settings.start_timeout_s + settings.stall_timeout_s
    if stats.seconds_since_poll > longest:
        raise DependencyUnavailable(f"the consumer has not polled for {stats.seconds_since_poll:.0f} s")
    stalled = stats.seconds_since_progress
    if stats.seconds_since_assignment is not None:
        stalled = min(stalled, stats.seconds_since_assignment)
    if stats.partitions and stats.lag > 0 and not stats.degraded and stalled > settings.stall_timeout_s:
        raise DependencyUnavailable(f"{stats.lag} applications wait and none was decided for {stalled:.0f} s")
