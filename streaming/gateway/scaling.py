"""How many gateway replicas it takes: enough to work off what waits within the time-to-decision objective."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

# Until a replica has been busy once, its speed is a guess; a low one only means scaling up a little early.
DEFAULT_CAPACITY = 500.0
_SPARE = 1.2


class GatewayScaling(BaseSettings):
    """How many gateway replicas there may be, and how quickly that changes."""

    model_config = SettingsConfigDict(env_prefix="LOANSTREAM_GATEWAY_", frozen=True, extra="ignore")

    min_replicas: int = Field(default=1, ge=0, description="Fewest gateway replicas.")
    max_replicas: int = Field(default=4, ge=1, description="Most gateway replicas; more than partitions are of no use.")
    objective_s: float = Field(default=5.0, gt=0, description="Time from arrival to decision that shall hold.")
    upscale_delay_s: float = Field(default=1.0, ge=0, description="How long more replicas must be wanted.")
    downscale_delay_s: float = Field(default=30.0, ge=0, description="How long fewer must be wanted.")
    cpus: float = Field(default=0.1, ge=0, description="CPUs that a replica reserves, for Ray's placement.")


@dataclass(frozen=True, slots=True)
class Load:
    """What all replicas report together: applications that wait, applications a second decided, and speed of one.

    arrivals: applications a second that come in; capacity: applications a second one busy replica decides.
    """

    lag: float
    arrivals: float
    capacity: float


def replicas_for(load: Load, current: int, objective_s: float, least: int, most: int) -> int:
    """Return the number of replicas that works off the lag within `objective_s` and keeps up with what comes in.

    Up to `most` (no more than there are partitions). It goes down by one at a time, and only when one fewer would still
    have a fifth to spare, so that a load at the border does not make it swing.
    """
    capacity = max(load.capacity, 1.0)
    needed = math.ceil((load.lag / objective_s + load.arrivals) / capacity)
    if needed < current:
        spare_needed = math.ceil(_SPARE * (load.lag / objective_s + load.arrivals) / capacity)
        needed = max(spare_needed, current - 1)
    return max(least, min(most, needed))


class ScalingContext(Protocol):
    """What is read of Ray Serve's `AutoscalingContext`."""

    current_num_replicas: int
    capacity_adjusted_min_replicas: int
    capacity_adjusted_max_replicas: int
    policy_state: dict[str, Any]
    current_time: float | None

    @property
    def aggregated_metrics(self) -> Mapping[str, Mapping[Any, float]] | None: ...


class DrainTimePolicy:
    """Ray Serve's autoscaling policy of the gateway, by lag / measured rate.

    objective_s: seconds from arrival to decision that shall hold through a burst.
    """

    def __init__(self, objective_s: float = 5.0) -> None:
        self._objective_s = objective_s

    def __call__(self, ctx: ScalingContext) -> tuple[int, dict[str, Any]]:
        """Return the wanted number of replicas and what to remember until the next call."""
        metrics = ctx.aggregated_metrics or {}
        lags = metrics.get("lag") or {}
        state = dict(ctx.policy_state or {})
        if not lags:
            return max(ctx.current_num_replicas, ctx.capacity_adjusted_min_replicas), state
        lag = float(sum(lags.values()))
        rate = float(sum((metrics.get("rate") or {}).values()))
        measured = [c for c in (metrics.get("capacity") or {}).values() if c > 0]
        capacity = sum(measured) / len(measured) if measured else state.get("capacity")
        now = ctx.current_time or 0.0
        elapsed = now - state.get("at", now)
        growth = (lag - state.get("lag", lag)) / elapsed if elapsed > 0 else 0.0
        # Replicas that were never busy keep up with what comes, whatever a guess says of their speed: only what waits
        # can ask for one more then, which costs a rebalance.
        kept_up = rate if capacity is None else 0.0
        load = Load(lag, max(0.0, rate + growth - kept_up), capacity or DEFAULT_CAPACITY)
        partitions = int(max((metrics.get("partitions") or {}).values(), default=0))
        most = ctx.capacity_adjusted_max_replicas
        if partitions:
            most = min(most, partitions)
        least = min(ctx.capacity_adjusted_min_replicas, most)
        wanted = replicas_for(load, ctx.current_num_replicas, self._objective_s, least, most)
        return wanted, {"lag": lag, "at": now} | ({} if capacity is None else {"capacity": capacity})
