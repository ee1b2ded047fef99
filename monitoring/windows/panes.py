"""Rolling windows by event time: tumbling panes of counts, one set for each partition and model version.

The state of a partition is a pure function of its records in order, however they were batched: whether a row is late
depends on the rows before it in its own partition and on nothing else. So a snapshot of state and offset together makes
a crash or a rebalance invisible, and states of several partitions merge by adding.

The event time of a decision is when its application was submitted, but no later than it was decided: a sender's wrong
clock cannot push the watermark ahead of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from credit.application import IntArray
from monitoring.windows.plan import RollingWindow, WindowPlan

PaneCounts = npt.NDArray[np.int32]


@dataclass
class VersionPanes:
    """The panes of one model version in one partition: pane length in ms -> pane number -> counts.

    reference: identity of the reference that the counts' layout is of; cells: the length of a pane's counts.
    """

    reference: str
    cells: int
    rings: dict[int, dict[int, PaneCounts]] = field(default_factory=dict)

    def add(self, pane_ms: int, pane: int, counts: npt.NDArray[np.int64]) -> None:
        """Add int64[cells] counts to one pane."""
        ring = self.rings.setdefault(pane_ms, {})
        held = ring.get(pane)
        if held is None:
            ring[pane] = counts.astype(np.int32)
        else:
            np.add(held, counts, out=held, casting="unsafe")

    def total(self, pane_ms: int, after_ms: int, until_ms: int) -> npt.NDArray[np.int64]:
        """Return the sum of the panes that begin in [after_ms, until_ms): int64[cells]."""
        total = np.zeros(self.cells, dtype=np.int64)
        for pane, counts in self.rings.get(pane_ms, {}).items():
            if after_ms <= pane * pane_ms < until_ms:
                total += counts
        return total


@dataclass
class PartitionState:
    """All that is remembered of one partition of the audit topic.

    offset: the next record to read; newest_ms: the newest event time seen, -1 before the first; late, unreadable,
    rejected: decisions that came too late, records that could not be read, dead letters that the records tell of;
    versions: the panes of each model version.
    """

    offset: int = 0
    newest_ms: int = -1
    late: int = 0
    unreadable: int = 0
    rejected: int = 0
    decisions: int = 0
    versions: dict[str, VersionPanes] = field(default_factory=dict)

    def split_late(self, event_ms: IntArray, lateness_ms: int) -> npt.NDArray[np.bool_]:
        """Mark the rows that lie more than `lateness_ms` behind the newest row before them, and move the watermark.

        A running maximum makes the answer the same for one batch of n rows as for n batches of one.
        """
        if not len(event_ms):
            return np.zeros(0, dtype=np.bool_)
        newest = np.maximum(np.maximum.accumulate(event_ms), self.newest_ms)
        self.newest_ms = int(newest[-1])
        late: npt.NDArray[np.bool_] = event_ms < newest - lateness_ms
        self.late += int(late.sum())
        return late

    def evict(self, rings: dict[int, int]) -> None:
        """Drop the panes that no window can reach any more, and the model versions left without any."""
        for version, panes in list(self.versions.items()):
            for pane_ms, keep_ms in rings.items():
                ring = panes.rings.get(pane_ms, {})
                for pane in [pane for pane in ring if (pane + 1) * pane_ms <= self.newest_ms - keep_ms]:
                    del ring[pane]
            if not any(panes.rings.values()):
                del self.versions[version]


def merged(
    states: Iterable[PartitionState],
    plan: WindowPlan,
    version: str,
    reference: str,
    window: RollingWindow,
    earlier: bool = False,
) -> npt.NDArray[np.int64] | None:
    """Sum one version's counts, on one reference, over the partitions for the window that ends at the newest event.

    earlier: the period of `plan.history_s` before that window instead. None where nothing of the version is kept.
    """
    states = list(states)
    kept = [state.versions[version] for state in states if version in state.versions]
    kept = [panes for panes in kept if panes.reference == reference]
    if not kept:
        return None
    newest = max(state.newest_ms for state in states)
    pane_ms = window.pane_s * 1000
    # The pane that is being filled counts as part of the window, so the oldest pane is the first that fits whole.
    end = (newest // pane_ms + 1) * pane_ms
    start = end - window.length_s * 1000
    if earlier:
        pane_ms = plan.history_pane_s * 1000
        end = start // pane_ms * pane_ms
        start = end - plan.history_s * 1000
    total = np.zeros(kept[0].cells, dtype=np.int64)
    for panes in kept:
        total += panes.total(pane_ms, start, end)
    return total
