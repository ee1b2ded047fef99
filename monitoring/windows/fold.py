"""Audit records of one partition, in order, into its state: arrays all the way, no decision is looked at by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from credit.application import IntArray
from credit.wire.audit import AuditRecord
from monitoring.windows.decoding import DecodedPayloads, version_of
from monitoring.windows.layout import DOORS, DecisionRows, PaneLayout
from monitoring.windows.panes import PartitionState, VersionPanes
from monitoring.windows.plan import WindowPlan

# Records are joined to spread the cost of a small one, but not beyond what the processor's cache holds.
PIECE_ROWS = 1000


@dataclass(frozen=True)
class FoldedDecisions:
    """What one poll brought for one model version: for the counters, the samples and the store of decisions.

    Contributions are left out of `record`: nothing here reads them, and they are half its size.
    """

    version: str
    record: AuditRecord
    rows: DecisionRows
    event_ms: IntArray
    late: npt.NDArray[np.bool_]


def fold(
    state: PartitionState,
    decoded: DecodedPayloads,
    layout_of: Callable[[str, tuple[str, ...]], PaneLayout],
    plan: WindowPlan,
) -> list[FoldedDecisions]:
    """Add what `decode_payloads` read to a partition's state, and move its offset behind it.

    layout_of: from a model version and its features to the layout of its reference.
    """
    if not decoded.payloads or decoded.payloads[-1].offset < state.offset:
        return []
    state.offset = decoded.payloads[-1].offset + 1
    state.unreadable += decoded.unreadable
    state.rejected += sum(int(record.header.get("rejected", 0)) for record in decoded.records)
    records = [record for record in decoded.records if len(record)]
    if not records:
        return []
    event_ms = np.minimum(_join([r.submitted_ms for r in records]), _join([r.decided_ms for r in records]))
    late = state.split_late(event_ms, plan.lateness_s * 1000)
    state.decisions += len(event_ms)
    ends = np.cumsum([len(record) for record in records])
    by_version: dict[str, list[int]] = {}
    for place, record in enumerate(records):
        by_version.setdefault(version_of(record), []).append(place)
    folded = []
    pieces = [(version, piece) for version, places in by_version.items() for piece in _pieces(places, records)]
    for version, places in pieces:
        chosen = [records[place] for place in places]
        index = np.concatenate([np.arange(ends[place] - len(records[place]), ends[place]) for place in places])
        joined = _joined(chosen)
        part = FoldedDecisions(version, joined, _rows(joined, _doors(chosen)), event_ms[index], late[index])
        _add(state, part, layout_of(version, chosen[0].feature_names), plan)
        folded.append(part)
    state.evict(plan.rings())
    return folded


def _pieces(places: list[int], records: Sequence[AuditRecord]) -> list[list[int]]:
    """Cut one version's records into pieces of about PIECE_ROWS rows."""
    pieces: list[list[int]] = []
    rows = PIECE_ROWS
    for place in places:
        if rows >= PIECE_ROWS:
            pieces.append([])
            rows = 0
        pieces[-1].append(place)
        rows += len(records[place])
    return pieces


def _add(state: PartitionState, part: FoldedDecisions, layout: PaneLayout, plan: WindowPlan) -> None:
    panes = state.versions.get(part.version)
    if panes is None or panes.cells != layout.cells or panes.reference != layout.reference.identity:
        # Counts on other bins cannot be added to: they would be compared with a reference that is not theirs.
        panes = state.versions[part.version] = VersionPanes(layout.reference.identity, layout.cells)
    rings = plan.rings()
    finest = min(rings)
    pane_of = part.event_ms // finest
    for pane in np.unique(pane_of[~part.late]):
        counts = layout.count(part.rows.take((pane_of == pane) & ~part.late))
        for pane_ms in rings:
            panes.add(pane_ms, int(pane) * finest // pane_ms, counts)


def _join(arrays: list[npt.NDArray[np.generic]] | list[IntArray]) -> IntArray:
    return np.asarray(arrays[0] if len(arrays) == 1 else np.concatenate(arrays), dtype=np.int64)


def _rows(record: AuditRecord, door: npt.NDArray[np.int8]) -> DecisionRows:
    return DecisionRows(record.features, record.probability, record.outcome, record.mode, door, record.reason_subject)


def _doors(records: Sequence[AuditRecord]) -> npt.NDArray[np.int8]:
    doors = [DOORS.index(r.header["door"]) for r in records]
    return np.repeat(np.array(doors, dtype=np.int8), [len(r) for r in records])


def _joined(records: Sequence[AuditRecord]) -> AuditRecord:
    """Join the records of one version, without their contributions and applications; the header is the first one's."""
    if len(records) == 1:
        return replace(records[0], contributions=_NOTHING, application=None)

    def every(name: str) -> npt.NDArray[np.generic]:
        return np.concatenate([getattr(record, name) for record in records])

    arrays = {name: every(name) for name in AuditRecord.__slots__ if name not in _LISTS}
    return AuditRecord(
        header=records[0].header,
        application_ids=[i for record in records for i in record.application_ids],
        decision_ids=[i for record in records for i in record.decision_ids],
        contributions=_NOTHING,
        application=None,
        **arrays,  # type: ignore[arg-type]
    )


_LISTS = ("header", "application_ids", "decision_ids", "contributions", "application")
_NOTHING = np.empty((0, 0), dtype=np.float32)
