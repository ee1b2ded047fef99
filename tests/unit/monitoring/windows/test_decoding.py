"""Reading the payloads of a poll."""

from __future__ import annotations

from credit.wire.audit import SourceRange, encode_audit
from monitoring.windows.decoding import decode_payloads, version_of
from monitoring.windows.panes import PartitionState
from tests.fixtures import audited


def test_what_is_held_is_passed_over_and_what_is_no_record_is_counted() -> None:
    """Below the state's offset nothing is read; an unreadable payload neither stops the rest nor goes unnoticed."""
    record = audited.audit(audited.rows(3), 1, version="4")
    payloads = [audited.payload(4, record), audited.payload(5, b"junk"), audited.payload(6, None)]
    payloads.append(audited.payload(7, record))
    decoded = decode_payloads(0, payloads, PartitionState(offset=5))
    assert [version_of(r) for r in decoded.records] == ["4"]
    assert decoded.unreadable == 2
    assert [answered.offset for answered in decoded.answered] == [7]


def test_completeness_hears_of_records_that_the_windows_hold_already() -> None:
    """A gateway's record from `answered_from` on is told with its ranges and answers, also below the state's offset."""
    value = encode_audit(audited.batch(audited.rows(3), 1), "kafka", [SourceRange("t", 0, 10, 13)], rejected=1)
    decoded = decode_payloads(0, [audited.payload(offset, value) for offset in (2, 3)], PartitionState(offset=9), 3)
    assert decoded.records == []
    assert [(a.offset, a.answers) for a in decoded.answered] == [(3, 4)]
    assert [tuple(s) for s in decoded.answered[0].sources] == [("t", 0, 10, 13)]
