"""What an incident cost, counted from moments."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.cluster.callers import Call
from benchmarks.cluster.figures import cost_of, table
from benchmarks.load.stream import StreamRun


def a_run() -> StreamRun:
    """Ten applications a second for 30 s, decided after 0.1 s; from second 10 to 15 nothing is decided."""
    offsets = np.arange(300) / 10.0
    decided = 1000.0 + offsets + 0.1
    decided[100:150] = 1015.1
    return StreamRun(1000.0, offsets, decided, 0.0)


def test_the_time_without_a_decision_and_what_followed() -> None:
    """An incident after ten seconds that nobody decided through for five."""
    cost = cost_of("a cut", 1010.0, a_run(), [], ())
    assert cost.quiet_s == pytest.approx(5.1, abs=0.05)
    assert cost.p99_before_s == pytest.approx(0.1)
    assert cost.worst_s == pytest.approx(5.1)
    assert cost.settled_s == pytest.approx(4.1, abs=0.05)
    assert cost.calls == cost.failed == 0


def test_calls_are_counted_from_the_incident_on_and_by_door() -> None:
    """A call before it counts for nothing; one at the door of the host it happened to is told apart."""
    calls = [
        Call("a", 1009.0, 0.01, "ClientError"),
        Call("a", 1011.0, 0.02, ""),
        Call("a", 1012.0, 3.0, "status 503"),
        Call("b", 1012.0, 30.0, "TimeoutError"),
    ]
    cost = cost_of("a cut", 1010.0, a_run(), calls, ("b",))
    assert (cost.calls, cost.failed, cost.failed_silent) == (2, 1, 1)
    assert cost.call_p99_s == pytest.approx(0.02)
    assert table([cost]).splitlines()[-1].startswith("| a cut | 5.1")


def test_a_cluster_that_decides_no_more_is_quiet_for_ever() -> None:
    """No decision from the incident on: no figure hides it."""
    run = StreamRun(1000.0, np.array([0.0]), np.array([1000.1]), 0.0)
    assert cost_of("the end", 1010.0, run, [], ()).quiet_s == float("inf")
