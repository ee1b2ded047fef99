"""Whether the monitor still ticks, and what it waits for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from monitoring.windows.overview import Overview

# A tick may be late by this many of its own times, and by a minute in any case, before the monitor calls itself stale.
_LATE_TICKS = 10
_LATE_S = 60.0


class TickingMonitor(Protocol):
    """The monitor, as health sees it: the time of its last tick (Unix time) and what it saw."""

    @property
    def ticked_s(self) -> float: ...

    @property
    def overview(self) -> Overview: ...


class AwaitedReferences(Protocol):
    """References that are waited for, and what stands in their way."""

    @property
    def problem(self) -> str: ...

    def waiting(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """The answer of /health: status ok or stale; ages in seconds, event times in milliseconds since the epoch."""

    status: str
    last_tick_age_s: float
    watermark_ms: int
    waiting_for_reference: list[str]
    problem: str

    @property
    def good(self) -> bool:
        return self.status == "ok"


class HealthCheck:
    """Answers whether the monitor ticks. tick_s: the time between two ticks; now: Unix time."""

    def __init__(
        self,
        monitor: TickingMonitor,
        references: AwaitedReferences,
        tick_s: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._monitor, self._references, self._now = monitor, references, now
        self._stale_from_s = max(_LATE_TICKS * tick_s, _LATE_S)

    def __call__(self) -> HealthAnswer:
        """Return the state of this moment."""
        age_s = self._now() - self._monitor.ticked_s
        waiting = self._references.waiting()
        return HealthAnswer(
            "ok" if age_s < self._stale_from_s else "stale",
            round(age_s, 1),
            self._monitor.overview.newest_ms,
            waiting,
            self._references.problem if waiting else "",
        )
