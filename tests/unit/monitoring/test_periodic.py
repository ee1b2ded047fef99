"""Something that is due now and then."""

from __future__ import annotations

from monitoring.periodic import Periodically


def test_it_is_called_at_once_and_then_when_its_time_has_come() -> None:
    """The first question calls; the next does so only once the time has passed since the call ended."""
    now, calls = [0.0], list[float]()

    def slow() -> None:
        calls.append(now[0])
        now[0] += 3.0

    due = Periodically(5.0, slow, clock=lambda: now[0])
    due()
    for second in (4.0, 7.9, 8.0, 9.0):
        now[0] = second
        due()
    assert calls == [0.0, 8.0]
