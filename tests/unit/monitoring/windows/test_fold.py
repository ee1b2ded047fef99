"""Audit records into a partition's state."""

from __future__ import annotations

import numpy as np

from monitoring.windows.decoding import AuditPayload, decode_payloads
from monitoring.windows.fold import PIECE_ROWS, FoldedDecisions, fold
from monitoring.windows.layout import PaneLayout
from monitoring.windows.panes import PartitionState
from monitoring.windows.snapshots import encode_state
from tests.fixtures import audited

LAYOUTS = {version: PaneLayout(audited.reference(version, seed=90 + int(version))) for version in ("1", "2")}


def folded_into(state: PartitionState, payloads: list[AuditPayload]) -> list[FoldedDecisions]:
    return fold(state, decode_payloads(0, payloads, state), lambda version, _: LAYOUTS[version], audited.SMALL)


def log(records: int, rows: int) -> list[AuditPayload]:
    """Return records of two versions in turn, a second apart."""
    return [
        audited.payload(i, audited.audit(audited.rows(rows, i), audited.START_MS + i * 1000, version="12"[i % 2]))
        for i in range(records)
    ]


def test_polls_of_any_size_leave_the_same_state() -> None:
    """Records of two versions, joined into pieces or one by one, end in the same bytes, with every row in one part."""
    payloads = log(12, PIECE_ROWS // 3)
    whole, single = PartitionState(), PartitionState()
    parts = folded_into(whole, payloads)
    for payload in payloads:
        folded_into(single, [payload])
    assert encode_state(whole) == encode_state(single)
    assert whole.offset == 12
    assert sum(len(part.event_ms) for part in parts) == whole.decisions == 12 * (PIECE_ROWS // 3)
    assert max(len(part.event_ms) for part in parts) <= 2 * PIECE_ROWS
    assert {part.version for part in parts} == {"1", "2"}


def test_rows_keep_their_own_times_when_records_are_joined() -> None:
    """Each part's times are those of its own records, although two versions came in turn."""
    parts = folded_into(PartitionState(), log(6, 4))
    for part in parts:
        first = 0 if part.version == "1" else 1000
        expected = np.repeat(audited.START_MS + first + np.arange(3) * 2000, 4)
        assert part.event_ms.tolist() == expected.tolist()
        assert part.record.contributions.size == 0


def test_a_new_reference_begins_new_panes() -> None:
    """Counts on other bins are dropped rather than added to."""
    state = PartitionState()
    payload = audited.payload(0, audited.audit(audited.rows(5), audited.START_MS))
    folded_into(state, [payload])
    other = PaneLayout(audited.reference("1", seed=3))
    later = [audited.payload(1, audited.audit(audited.rows(7), audited.START_MS))]
    fold(state, decode_payloads(0, later, state), lambda *_: other, audited.SMALL)
    panes = state.versions["1"]
    assert panes.reference == other.reference.identity
    pane_ms = min(panes.rings)
    assert other.section("outcome", panes.total(pane_ms, 0, 2**62)).sum() == 7
