"""What the windows show at one moment, for the metrics, the status page and the reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from credit.application import FloatArray
from credit.policy import Outcome
from monitoring.drift.bins import MAX_BINS, Counts
from monitoring.drift.feature_drift import FeatureDrift, feature_drift, js_distance, psi
from monitoring.drift.reference import Reference
from monitoring.windows.layout import PaneLayout
from monitoring.windows.panes import PartitionState, RollingWindow, WindowPlan, merged

DRIFTED_FROM = 0.2


@dataclass(frozen=True)
class WindowComparison:
    """A window of one model version against the training reference, or against the period before the window.

    n_then: rows compared with; score_psi, score_js: of the probability of default; reason_psi, reason_js: float64[2],
    of the reason codes for and against approval, NaN where unknown.
    """

    n_then: int
    drift: FeatureDrift
    score_psi: float
    score_js: float
    reason_psi: FloatArray
    reason_js: FloatArray


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
    """Merge the partitions' states into a overview; versions whose reference is not at hand are left out."""
    states = [state for state in states if state.newest_ms >= 0]
    if not states:
        return Overview()
    newest = max(state.newest_ms for state in states)
    versions = sorted({version for state in states for version in state.books} & set(references))
    layouts = {version: PaneLayout(references[version]) for version in versions}
    held: dict[str, dict[str, Counts]] = {window.name: {} for window in plan.windows}
    for window in plan.windows:
        for version in versions:
            total = merged(states, plan, version, references[version].identity, window)
            if total is not None:
                held[window.name][version] = total
    decided = {
        name: {v: int(layouts[v].part("outcome", total).sum()) for v, total in of_version.items()}
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
    n = int(layout.part("outcome", now).sum())
    n_before = 0 if before is None else int(layout.part("outcome", before).sum())
    earlier = None
    if before is not None and n_before:
        then = (layout.part("features", before), layout.part("score", before), layout.part("reason", before))
        earlier = _compare(layout, now, n_before, *then)
    training = None
    if not reference.bare:
        training = _compare(
            layout, now, reference.rows, reference.counts, reference.score_counts, reference.reason_counts
        )
    return WindowView(
        window,
        reference.version,
        n,
        end - window.length_s * 1000,
        end,
        layout.part("outcome", now),
        layout.part("reason", now),
        layout.part("grid", now),
        layout.part("group", now),
        layout.part("score", now),
        training,
        earlier,
        None if before is None or not n_before else layout.part("outcome", before),
    )


def _compare(
    layout: PaneLayout, now: Counts, n_then: int, features: Counts, score: Counts, reasons: Counts | None
) -> WindowComparison:
    score_then, score_now = score[:, :MAX_BINS], layout.part("score", now)[:, :MAX_BINS]
    unknown = np.full(2, np.nan)
    reason_now = layout.part("reason", now)
    return WindowComparison(
        n_then,
        feature_drift(features, layout.part("features", now)),
        float(psi(score_then, score_now)[0]),
        float(js_distance(score_then, score_now)[0]),
        unknown if reasons is None else psi(reasons, reason_now),
        unknown if reasons is None else js_distance(reasons, reason_now),
    )


def _share(counts: Counts, of: int) -> float:
    total = counts.sum()
    return float(counts[of] / total) if total else float("nan")


def drifted_share(drift: FeatureDrift) -> float:
    """Return the share of features whose PSI is DRIFTED_FROM or more, among those that can be compared."""
    comparable = ~np.isnan(drift.psi)
    return float((drift.psi[comparable] >= DRIFTED_FROM).mean()) if comparable.any() else float("nan")
