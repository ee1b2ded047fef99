"""Holding an intake back while too many applications wait, as a bank's front office would feel it."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from credit.errors import DependencyUnavailable

_LOOK_S = 0.05


class LagSource(Protocol):
    """Says how many applications wait; raises DependencyUnavailable where nobody knows."""

    def lag(self) -> int: ...


class Throttle:
    """Waits while more than `in_flight` applications wait for a decision, for `patient_s` seconds from now at most."""

    def __init__(self, probe: LagSource, in_flight: int | None, patient_s: float | None, stop: threading.Event) -> None:
        self._probe = probe
        self._in_flight = in_flight
        self._until = None if patient_s is None else time.monotonic() + patient_s
        self._stop = stop

    def wait(self) -> None:
        """Return once few enough wait, patience is over, or the intake shall stop; a broker that is away waits too."""
        while self._in_flight is not None and not self._stop.is_set():
            if self._until is not None and time.monotonic() > self._until:
                return
            try:
                if self._probe.lag() <= self._in_flight:
                    return
            except DependencyUnavailable:
                pass  # the feed finds out by itself whether its records are lost
            self._stop.wait(_LOOK_S)
