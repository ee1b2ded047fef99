"""Holding an intake back."""

from __future__ import annotations

import threading

from credit.errors import DependencyUnavailable
from loanstream.intake.throttle import Throttle


class LagOf:
    """Answers one lag after the other; an exception among them is raised."""

    def __init__(self, *lags: int | Exception) -> None:
        self.lags = list(lags)

    def lag(self) -> int:
        found = self.lags.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def test_it_waits_until_few_enough_wait() -> None:
    """The intake goes on once the lag is down, and a broker that is away meanwhile is waited for."""
    probe = LagOf(500, DependencyUnavailable("away"), 101, 100)
    Throttle(probe, 100, None, threading.Event()).wait()
    assert probe.lags == []


def test_patience_ends() -> None:
    """An intake that has to be done in time is not held back any longer."""
    probe = LagOf(500)
    Throttle(probe, 100, 0.0, threading.Event()).wait()
    assert probe.lags == [500]


def test_an_intake_that_shall_stop_is_not_held() -> None:
    """A stop ends the wait, and no limit means no wait."""
    stop = threading.Event()
    stop.set()
    Throttle(LagOf(), 100, None, stop).wait()
    Throttle(LagOf(), None, None, threading.Event()).wait()
