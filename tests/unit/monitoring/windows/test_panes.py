"""Panes of counts: added, merged over partitions, dropped."""

from __future__ import annotations

import numpy as np

from monitoring.windows.panes import PartitionState, VersionPanes, merged
from monitoring.windows.plan import RollingWindow, WindowPlan

PLAN = WindowPlan((RollingWindow("short", 60, 10),), history_s=120, history_pane_s=30, lateness_s=5)
SHORT = PLAN.windows[0]


def state(newest_ms: int, panes: dict[int, int], reference: str = "r") -> PartitionState:
    """Return a partition that counted these numbers, by the second at which their pane of 10 s begins."""
    held = VersionPanes(reference, 1)
    for second, count in panes.items():
        for pane_ms in PLAN.rings():
            held.add(pane_ms, second * 1000 // pane_ms, np.array([count]))
    return PartitionState(newest_ms=newest_ms, versions={"1": held})


def test_a_window_ends_with_the_pane_that_is_being_filled() -> None:
    """At 100 s the window of a minute is [50, 110) s, over all partitions; what follows or precedes is left out."""
    states = [state(100_000, {40: 1, 50: 2, 100: 4}), state(70_000, {60: 8, 70: 16})]
    total = merged(states, PLAN, "1", "r", SHORT)
    assert total is not None
    assert total.tolist() == [2 + 4 + 8 + 16]


def test_the_earlier_period_ends_where_the_window_begins() -> None:
    """Its panes are coarser, so it ends with the last of them that fits before the window: [-90, 30) s here."""
    total = merged([state(100_000, {0: 1, 20: 2, 30: 4, 60: 8})], PLAN, "1", "r", SHORT, earlier=True)
    assert total is not None
    assert total.tolist() == [3]


def test_counts_on_other_bins_are_not_added_up() -> None:
    """A partition that counted on another reference is left out, and a version that nobody has is None."""
    states = [state(100_000, {100: 1}), state(100_000, {100: 2}, reference="other")]
    total = merged(states, PLAN, "1", "r", SHORT)
    assert total is not None
    assert total.tolist() == [1]
    assert merged(states, PLAN, "2", "r", SHORT) is None


def test_lateness_is_the_same_however_rows_are_batched() -> None:
    """A row is late by the rows before it: in one batch or one by one, the same rows are."""
    times = np.array([10_000, 20_000, 14_999, 15_000, 26_000, 20_999])
    whole, single = PartitionState(), PartitionState()
    late = whole.split_late(times, 5000)
    one_by_one = [bool(single.split_late(times[i : i + 1], 5000)[0]) for i in range(len(times))]
    assert late.tolist() == one_by_one == [False, False, True, False, False, True]
    assert whole == single
    assert (whole.late, whole.newest_ms) == (2, 26_000)


def test_what_no_window_can_reach_is_dropped() -> None:
    """Panes beyond their reach go, and so does a version without any."""
    held = state(100_000, {100: 1})
    held.evict(PLAN.rings())
    assert list(held.versions) == ["1"]
    held.newest_ms = 100_000 + 1_000_000
    held.evict(PLAN.rings())
    assert held.versions == {}
