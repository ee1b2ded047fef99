"""Reads a poll's audit records, each once however long it waits for its reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from credit.wire.audit import AuditRecord, decode_audit
from monitoring.watches.offsets import AnsweredRecord
from monitoring.windows.layout import DOORS
from monitoring.windows.panes import PartitionState


@dataclass(frozen=True, slots=True)
class AuditPayload:
    """One record of the audit topic: its offset and its bytes (None where it has none)."""

    offset: int
    value: bytes | None


@dataclass(frozen=True)
class DecodedPayloads:
    """One partition's share of a poll, decoded once however long its references are waited for.

    records: those that could be read and that the state did not hold yet; unreadable: how many could not be;
    answered: what the gateways' records say they answer, those that the state did hold among them.
    """

    partition: int
    payloads: Sequence[AuditPayload]
    records: list[AuditRecord]
    unreadable: int
    answered: list[AnsweredRecord] = field(default_factory=list)


def decode_payloads(
    partition: int, payloads: Sequence[AuditPayload], state: PartitionState, answered_from: int | None = None
) -> DecodedPayloads:
    """Read the audit records that the state does not hold yet, and those from the offset `answered_from` on.

    What cannot be read is counted and passed over: it must not stop the watch.
    """
    records = []
    answered = []
    unreadable = 0
    for payload in payloads:
        new = payload.offset >= state.offset
        if not new and (answered_from is None or payload.offset < answered_from):
            continue
        try:
            record = decode_audit(payload.value or b"")
            if record.header["door"] == "kafka":
                answers = len(record) + int(record.header["rejected"])
                answered.append(AnsweredRecord(payload.offset, record.header["sources"], answers))
            DOORS.index(record.header["door"])
        except (ValueError, KeyError, TypeError, OSError):
            unreadable += new
        else:
            records += [record] * new
    return DecodedPayloads(partition, payloads, records, unreadable, answered)


def version_of(record: AuditRecord) -> str:
    """Return the version of the model that decided a batch."""
    return str(record.header["model"]["version"])
