"""What all windows show at one moment, for the metrics, the status page and the reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from credit.policy import Outcome
from monitoring.drift.cells import Counts
from monitoring.drift.reference import Reference
from monitoring.windows.comparison import WindowComparison, compare_counts
from monitoring.windows.layout import PaneLayout
from monitoring.windows.panes import PartitionState, merged
from monitoring.windows.plan import RollingWindow, WindowPlan


@dataclass(frozen=True)
class WindowView:
    """One rolling window of one model version.

    outcomes: int64[3, doors]; reasons: int64[2, subjects]; grid: int64[GRID] of probabilities; groups: int64[groups,
    CELLS, 3]; start_ms, end_ms: the event times that it spans.
    """

    window: RollingWindow
    version: str
    n: int
    start_ms: int
    end_ms: int
    outcomes: Counts
    reasons: Counts
    grid: Counts
    groups: Counts
    score: Counts
    training: WindowComparison | None
    earlier: WindowComparison | None
    earlier_outcomes: Counts | None

    @property
    def approval(self) -> float:
        """Share of approvals, NaN in an empty window."""
        return _share(self.outcomes.sum(axis=1), Outcome.APPROVE)

    @property
    def earlier_approval(self) -> float:
        """Share of approvals in the period before, NaN where nothing is known of it."""
        if self.earlier_outcomes is None:
            return float("nan")
        return _share(self.earlier_outcomes.sum(axis=1), Outcome.APPROVE)


@dataclass(frozen=True)
class Overview:
    """All windows of the leading model version (most decisions of late), and what each version decided in each."""

    newest_ms: int = -1
    leading: Reference | None = None
    windows: dict[str, WindowView] = field(default_factory=dict)
    decided: dict[str, dict[str, int]] = field(default_factory=dict)
    late: int = 0
    unreadable: int = 0
    rejected: int = 0


def overview_of(states: Iterable[PartitionState], plan: WindowPlan, references: Mapping[str, Reference]) -> Overview:
    """Merge the partitions' states into an overview; versions whose reference is not at hand are left out."""
    states = [state for state in states if state.newest_ms >= 0]
    if not states:
        return Overview()
    newest = max(state.newest_ms for state in states)
    versions = sorted({version for state in states for version in state.versions} & set(references))
    layouts = {version: PaneLayout(references[version]) for version in versions}
    held: dict[str, dict[str, Counts]] = {window.name: {} for window in plan.windows}
    for window in plan.windows:
        for version in versions:
            total = merged(states, plan, version, references[version].identity, window)
            if total is not None:
                held[window.name][version] = total
    decided = {
        name: {v: int(layouts[v].section("outcome", total).sum()) for v, total in of_version.items()}
        for name, of_version in held.items()
    }
    ranked = [max(counts, key=lambda v: counts[v]) for counts in decided.values() if any(counts.values())]
    if not ranked:
        return _counted(Overview(newest, decided=decided), states)
    leading = ranked[0]
    views = {}
    for window in plan.windows:
        if leading in held[window.name]:
            before = merged(states, plan, leading, references[leading].identity, window, earlier=True)
            views[window.name] = _view(layouts[leading], window, newest, held[window.name][leading], before)
    return _counted(Overview(newest, references[leading], views, decided), states)


def _counted(overview: Overview, states: list[PartitionState]) -> Overview:
    return replace(
        overview,
        late=sum(s.late for s in states),
        unreadable=sum(s.unreadable for s in states),
        rejected=sum(s.rejected for s in states),
    )


def _view(layout: PaneLayout, window: RollingWindow, newest_ms: int, now: Counts, before: Counts | None) -> WindowView:
    reference = layout.reference
    pane_ms = window.pane_s * 1000
    end = (newest_ms // pane_ms + 1) * pane_ms
    n = int(layout.section("outcome", now).sum())
    n_before = 0 if before is None else int(layout.section("outcome", before).sum())
    earlier = None
    if before is not None and n_before:
        then = (layout.section("features", before), layout.section("score", before), layout.section("reason", before))
        earlier = compare_counts(layout, now, n_before, *then)
    training = None
    if not reference.bare:
        training = compare_counts(
            layout, now, reference.rows, reference.counts, reference.score_counts, reference.reason_counts
        )
    return WindowView(
        window,
        reference.version,
        n,
        end - window.length_s * 1000,
        end,
        layout.section("outcome", now),
        layout.section("reason", now),
        layout.section("grid", now),
        layout.section("group", now),
        layout.section("score", now),
        training,
        earlier,
        None if before is None or not n_before else layout.section("outcome", before),
    )


def _share(counts: Counts, of: int) -> float:
    total = counts.sum()
    return float(counts[of] / total) if total else float("nan")
