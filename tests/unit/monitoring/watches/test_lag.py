"""Lag in seconds from offsets alone."""

from __future__ import annotations

from monitoring.watches.lag import LagClock


def test_lag_is_the_age_of_the_oldest_waiting_record() -> None:
    """A record appended at 10 s and not committed at 70 s has waited 60 s; nothing waiting is 0."""
    clock = LagClock()
    for now, end in ((0.0, 100), (10.0, 150), (20.0, 150), (60.0, 180)):
        clock.observe(now, end)
    assert clock.lag_s(70.0, 20) == 70.0
    assert clock.lag_s(70.0, 149) == 60.0
    assert clock.lag_s(70.0, 150) == 10.0
    assert clock.lag_s(70.0, 180) == 0.0
    clock.observe(75.0, 180)
    assert clock.lag_s(80.0, 180) == 0.0
    clock.observe(80.0, 5)
    assert clock.lag_s(90.0, 4) == 10.0


def test_lag_keeps_its_reach_in_bounded_memory() -> None:
    """The oldest of a long backlog is known, and what is committed is forgotten."""
    clock = LagClock(keep=5000)
    for second in range(10_000):
        clock.observe(float(second), second + 1)
    assert clock.lag_s(10_000.0, 0) == 10_000.0
    assert len(clock._ends) == 5000
    assert clock.lag_s(10_000.0, 4990) == 10_000.0 - 4990
    assert len(clock._ends) == 10
