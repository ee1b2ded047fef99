"""What an observer is told, and the frozen value that comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from types import SimpleNamespace

import pytest

from streaming.gateway import stats as module
from streaming.gateway.stats import PHASES, LoopObserver
from streaming.kafka.doubt import DoubtCause


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Move the observer's clock on by some seconds."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(module.time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(module.time, "perf_counter", lambda: clock.now)

    def move(seconds: float) -> None:
        clock.now += seconds

    return move


def test_counts_add_up_and_the_rate_is_of_the_last_ten_seconds(wait: Callable[[float], None]) -> None:
    """Fifty a hundred seconds ago count for the totals alone."""
    observer = LoopObserver()
    wait(100)
    observer.committed(50, 48, 2)
    wait(50)
    observer.committed(30, 30, 0)
    wait(5)
    stats = observer.stats()
    assert (stats.applications, stats.decisions, stats.dead_letters, stats.transactions) == (80, 78, 2, 2)
    assert stats.rate == 3.0
    assert stats.seconds_since_progress == 5.0


def test_only_busy_batches_of_some_size_tell_a_replica_s_speed(wait: Callable[[float], None]) -> None:
    """A replica with nothing waiting says nothing of its speed, nor does a batch of few; busy ones are averaged."""
    observer = LoopObserver(telling_batch=125)
    wait(0.2)
    observer.committed(200, 200, 0)
    observer.behind(1000, 4)
    wait(0.2)
    observer.committed(124, 124, 0)
    assert observer.stats().capacity == 0.0
    wait(0.2)
    observer.committed(200, 200, 0)
    assert observer.stats().capacity == pytest.approx(1000)
    wait(0.1)
    observer.committed(200, 200, 0)
    assert observer.stats().capacity == pytest.approx(0.9 * 1000 + 0.1 * 2000)


def test_the_graph_keeps_a_replica_degraded_until_the_next_commit() -> None:
    """A wait shows with its reason, and is over once something is committed."""
    observer = LoopObserver()
    observer.waited(RuntimeError("away"))
    waiting = observer.stats()
    assert (waiting.waits, waiting.degraded, waiting.last_error) == (1, True, "RuntimeError: away")
    observer.committed(1, 1, 0)
    assert (observer.stats().waits, observer.stats().degraded) == (1, False)
    assert waiting.degraded, "a value that was given out has changed"


def test_an_assignment_is_as_old_as_its_last_change(wait: Callable[[float], None]) -> None:
    """Being told the same partitions again changes nothing; losing all leaves no time."""
    observer = LoopObserver()
    assert observer.stats().seconds_since_assignment is None
    observer.assigned([0, 2])
    wait(3)
    observer.assigned([0, 2])
    assert (observer.stats().partitions, observer.stats().seconds_since_assignment) == ([0, 2], 3.0)
    observer.assigned([0])
    assert observer.stats().seconds_since_assignment == 0.0
    observer.assigned([])
    assert observer.stats().seconds_since_assignment is None


def test_restarts_are_told_from_transactions_in_doubt() -> None:
    """Every one is a restart; an ended session has neither partitions nor batches."""
    observer = LoopObserver()
    observer.assigned([1])
    observer.at_the_graph(2)
    observer.restarted(OSError("gone"), None)
    observer.restarted(OSError("late"), DoubtCause.NETWORK)
    observer.epoch_renewed()
    observer.session_ended()
    stats = observer.stats()
    assert (stats.restarts, stats.in_doubt, stats.last_error) == (2, 1, "OSError: late")
    assert stats.in_doubt_causes == dict.fromkeys(DoubtCause, 0) | {"network": 1}
    assert stats.epoch_renewals == 1
    assert (stats.partitions, stats.in_flight) == ([], 0)


def test_time_is_counted_by_phase_and_the_value_is_frozen(wait: Callable[[float], None]) -> None:
    """Also where the phase fails."""
    observer = LoopObserver()
    with observer.phase("flush"):
        wait(2)
    with pytest.raises(ZeroDivisionError), observer.phase("flush"):
        wait(1 / 0)
    stats = observer.stats()
    assert stats.phase_s == dict.fromkeys(PHASES, 0.0) | {"flush": 2.0}
    with pytest.raises(FrozenInstanceError):
        stats.lag = 1  # type: ignore[misc]
