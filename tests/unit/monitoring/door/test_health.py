"""Whether the monitor ticks."""

from __future__ import annotations

from monitoring.door.health import HealthCheck
from monitoring.windows.overview import Overview


class Ticked:
    """A monitor that ticked at a time."""

    def __init__(self, ticked_s: float) -> None:
        self.ticked_s, self.overview = ticked_s, Overview(newest_ms=7)


class Awaited:
    """References that are waited for."""

    problem = "registry away"

    def __init__(self, *versions: str) -> None:
        self._versions = list(versions)

    def waiting(self) -> list[str]:
        return self._versions


def test_ten_ticks_or_a_minute_late_is_stale() -> None:
    """A quick monitor has a minute, a slow one ten of its ticks."""
    for tick_s, age_s, good in ((1.0, 59.0, True), (1.0, 60.0, False), (30.0, 299.0, True), (30.0, 300.0, False)):
        check = HealthCheck(Ticked(1000.0 - age_s), Awaited(), tick_s, now=lambda: 1000.0)
        assert check().good is good, (tick_s, age_s)
        assert check().last_tick_age_s == age_s


def test_what_is_waited_for_is_said_and_an_old_problem_is_not() -> None:
    """A problem is told while a reference is waited for because of it."""
    waiting = HealthCheck(Ticked(0.0), Awaited("2"), 1.0, now=lambda: 1.0)()
    assert (waiting.waiting_for_reference, waiting.problem, waiting.watermark_ms) == (["2"], "registry away", 7)
    assert HealthCheck(Ticked(0.0), Awaited(), 1.0, now=lambda: 1.0)().problem == ""
