"""When arrivals are meant to come: the moments from which an open loop counts, whether the sender kept them or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from credit.application import FloatArray

# Sleeping for every arrival would cost the sender more than sending; a lateness of this much is in every figure.
GRAIN_S = 0.001


@dataclass(frozen=True, slots=True)
class Schedule:
    """Arrivals of a Poisson process, as independent applicants come; `rate` None: all of them at once.

    count: arrivals; rate: a second, on average.
    """

    count: int
    rate: float | None
    seed: int = 1

    @staticmethod
    def lasting(seconds: float, rate: float) -> Schedule:
        """Return a schedule that takes about `seconds`."""
        return Schedule(max(1, round(seconds * rate)), rate)

    @property
    def offsets(self) -> FloatArray:
        """Return seconds from the start, float64[count], ascending; the same for every process that asks."""
        if self.rate is None:
            return np.zeros(self.count)
        gaps = np.random.default_rng(self.seed).exponential(1 / self.rate, self.count)
        arrivals: FloatArray = np.cumsum(gaps)
        return arrivals

    def __str__(self) -> str:
        return "all at once" if self.rate is None else f"open, {self.rate:.0f} a second"
