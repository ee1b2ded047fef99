"""The monitor without its transport: partitions come and go, payloads come in, overviews and snapshots go out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from monitoring.drift.reference import Reference
from monitoring.exposition import MonitorMetrics
from monitoring.watches.completeness import Completeness
from monitoring.windows.counters import DecisionCounters
from monitoring.windows.decoding import AuditPayload, DecodedPayloads, decode_payloads, version_of
from monitoring.windows.fold import FoldedDecisions, fold
from monitoring.windows.gauges import overview_gauges
from monitoring.windows.layout import PaneLayout
from monitoring.windows.overview import Overview, overview_of
from monitoring.windows.panes import PartitionState
from monitoring.windows.plan import WindowPlan
from monitoring.windows.snapshots import SnapshotFolder


class ReferenceSource(Protocol):
    """Where references come from; None while one is on its way."""

    def get(self, version: str, names: tuple[str, ...] | None) -> Reference | None: ...

    def held(self) -> dict[str, Reference]: ...

    def waiting(self) -> list[str]: ...


class Monitor:
    """Folds audit records into windows, exactly once each, and tells what they show.

    sinks: called with every folded part (a sample for reports, the store of decisions); they may see a part again
    after a crash and must not mind. completeness: told what each record answers, and saved beside the states. All
    methods but `overview` belong to the consumer's thread.
    """

    def __init__(
        self,
        plan: WindowPlan,
        references: ReferenceSource,
        snapshots: SnapshotFolder,
        metrics: MonitorMetrics,
        subject_codes: tuple[str, ...] = (),
        sinks: Iterable[Callable[[FoldedDecisions], None]] = (),
        now: Callable[[], float] = time.time,
        completeness: Completeness | None = None,
    ) -> None:
        self._plan, self._references, self._snapshots = plan, references, snapshots
        self._metrics, self._codes, self._sinks, self._now = metrics, subject_codes, tuple(sinks), now
        self.completeness = completeness
        if completeness is not None:
            snapshots.load_completeness(completeness)
        self.states: dict[int, PartitionState] = {}
        self._counters = DecisionCounters(metrics)
        self._overview = Overview()
        self._lock = threading.Lock()
        self._layouts: dict[str, PaneLayout] = {}
        self._shown: frozenset[str] | None = None
        self._saved: dict[int, int] = {}
        self.ticked_s = now()

    @property
    def overview(self) -> Overview:
        """What the last tick saw; safe from any thread."""
        with self._lock:
            return self._overview

    def assigned(self, partitions: Iterable[int]) -> dict[int, int | None]:
        """Take partitions over: their states from snapshots, and the offset to read each from, None for its start."""
        offsets: dict[int, int | None] = {}
        for partition in partitions:
            held = self._snapshots.load(partition)
            self.states[partition] = held or PartitionState()
            offsets[partition] = None if held is None else held.offset
            self._saved[partition] = 0 if held is None else held.offset
            if self.completeness is not None:
                offsets[partition] = self.completeness.resume(partition, offsets[partition])
        self._shown = None
        return offsets

    def revoked(self, partitions: Iterable[int]) -> None:
        """Give partitions up: save their states for whoever comes next."""
        self._save_completeness()
        for partition in partitions:
            state = self.states.pop(partition, None)
            if state is not None and state.offset:
                self._snapshots.save(partition, state)
        self._shown = None

    def decode(self, partition: int, payloads: Sequence[AuditPayload]) -> DecodedPayloads:
        """Read the payloads of one partition, in their order."""
        from_offset = None if self.completeness is None else self.completeness.next_offset(partition)
        return decode_payloads(partition, payloads, self.states[partition], from_offset)

    def ready(self, batch: Iterable[DecodedPayloads]) -> bool:
        """Say whether every reference that the records need is at hand; asks for those that are not."""
        missing = False
        for decoded in batch:
            for record in filter(len, decoded.records):
                missing |= self._references.get(version_of(record), record.feature_names) is None
        self._metrics.waiting.set(len(self._references.waiting()))
        return not missing

    def add(self, decoded: DecodedPayloads) -> None:
        """Fold one partition's share of a poll; its references must be ready."""
        state = self.states.get(decoded.partition)
        if state is None:
            return
        if self.completeness is not None and decoded.payloads:
            self.completeness.fold(decoded.partition, decoded.answered, decoded.payloads[-1].offset + 1)
        self._shown = None
        rejected, late, unreadable = state.rejected, state.late, state.unreadable
        parts = fold(state, decoded, self._layout, self._plan)
        self._metrics.unreadable.inc(state.unreadable - unreadable)
        self._metrics.dead_letters.inc(state.rejected - rejected)
        self._metrics.late.inc(state.late - late)
        for part in parts:
            self._counters.count(part)
            for sink in self._sinks:
                sink(part)

    def _layout(self, version: str, names: tuple[str, ...]) -> PaneLayout:
        layout = self._layouts.get(version)
        if layout is None:
            reference = self._references.get(version, names)
            assert reference is not None, "add() before ready()"
            layout = self._layouts[version] = PaneLayout(reference)
        return layout

    def tick(self) -> Overview:
        """Compute what the windows show and set the gauges; where nothing came since the last tick, both stand."""
        for state in self.states.values():
            for version in state.versions:
                self._references.get(version, None)
        # Windows end at the newest decision, not now: what they show changes with what was folded and with what it is
        # held against, and with nothing else.
        held = self._references.held()
        if self._shown != held.keys():
            self._show(held)
            self._shown = frozenset(held)
        self.ticked_s = self._now()
        self._metrics.last_tick.set(self.ticked_s)
        return self._overview

    def _show(self, held: dict[str, Reference]) -> None:
        overview = overview_of(self.states.values(), self._plan, held)
        with self._lock:
            self._overview = overview
        self._metrics.computed.replace("windows", overview_gauges(overview, self._codes))
        if overview.newest_ms >= 0:
            self._metrics.watermark.set(overview.newest_ms / 1000.0)

    def snapshot(self) -> None:
        """Save every partition's state with its offset, where it has gone on since it was saved last."""
        self._save_completeness()
        for partition, state in self.states.items():
            if state.offset > self._saved.get(partition, 0):
                self._snapshots.save(partition, state)
                self._saved[partition] = state.offset
        self._metrics.last_snapshot.set(self._now())

    def _save_completeness(self) -> None:
        # Before the states: to be ahead of them costs nothing, to be behind means that records are read again.
        if self.completeness is not None:
            self._snapshots.save_completeness(self.completeness)
