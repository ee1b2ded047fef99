"""From records of the topics to work for the ledger's writer; what cannot be read is named, and stops nothing."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import msgspec
from pydantic import ValidationError

from credit.wire.audit import AuditHeader, decode_audit
from credit.wire.outcome import ObservedOutcome, parse_outcome
from ledger.store.payload import pack
from ledger.store.rows import AuditBatch, RecordPosition
from ledger.store.write import AnswerLink, Moves, SinkWork, Unreadable

# Beyond it a time is a fault of whoever wrote it, and would make a partition of its own.
_LATEST_MS = 4_102_444_800_000
# A link is a fifth of a decision's work: it counts so against a transaction's bound.
_ANSWERS_A_ROW = 5


class TopicRecord(Protocol):
    """A consumed record, as kafka-python gives it."""

    topic: str
    partition: int
    offset: int
    value: bytes | None


@dataclass(frozen=True, slots=True)
class TopicNames:
    """The three topics that fill the ledger."""

    audit: str
    decisions: str
    outcomes: str


class _Told(msgspec.Struct):
    decision_id: str
    decided_at: int


_TOLD = msgspec.json.Decoder(_Told)


def works(
    polled: Iterable[Sequence[TopicRecord]], at: Mapping[tuple[str, int], int], names: TopicNames, rows: int
) -> Iterator[SinkWork]:
    """Yield what was polled as transactions of about `rows` decisions each.

    polled: the records of each partition, in order; at: the position of each (topic, partition) in the database.
    """
    work, weight = SinkWork(), 0.0
    before = dict(at)
    for records in polled:
        for record in records:
            place = (record.topic, record.partition)
            weight += _take(work, record, names)
            _moved(work, place, before, record.offset + 1)
            if weight >= rows:
                yield work
                before |= {(m.topic, m.partition): m.after for m in work.moves}
                work, weight = SinkWork(), 0.0
    if work.moves:
        yield work


def _moved(work: SinkWork, place: tuple[str, int], before: Mapping[tuple[str, int], int], after: int) -> None:
    if work.moves and (work.moves[-1].topic, work.moves[-1].partition) == place:
        work.moves[-1] = Moves(*place, work.moves[-1].before, after)
    else:
        work.moves.append(Moves(*place, before.get(place, 0), after))


def _take(work: SinkWork, record: TopicRecord, names: TopicNames) -> float:
    position = RecordPosition(record.topic, record.partition, record.offset)
    try:
        if record.topic == names.audit:
            audit = read_audit(position, record.value)
            work.audits.append(audit)
            return len(audit.record) + 1
        if record.topic == names.decisions:
            work.answers.append(read_answer(position, record.value))
        elif record.value is not None:  # an outcome taken back by its key's last record is no observation
            work.outcomes.append(read_outcome(record.value))
    except ValueError as error:
        value = record.value or b""
        problem = " ".join(str(error).split())[:500]
        work.unreadable.append(Unreadable(position, problem, len(value), hashlib.sha256(value).hexdigest()))
    return 1 / _ANSWERS_A_ROW


def read_audit(position: RecordPosition, value: bytes | None) -> AuditBatch:
    """Read an audit record and pack its decisions; raises ValueError for whatever could not become rows."""
    if value is None:
        raise ValueError("a record without a value")
    try:
        record = decode_audit(value)
        AuditHeader.model_validate(record.header)
        for decision_id in record.decision_ids:
            UUID(decision_id)
        packed = pack(record)
    except (TypeError, KeyError, IndexError, AttributeError, struct.error, ValidationError) as error:
        raise ValueError(f"not an audit record ({type(error).__name__}: {error})") from None
    times = [record.decided_ms, record.submitted_ms]
    if len(record) and not all(((t >= 0) & (t < _LATEST_MS)).all() for t in times):
        raise ValueError("a decision was taken at a time that cannot be")
    return AuditBatch(position, record, packed)


def read_answer(position: RecordPosition, value: bytes | None) -> AnswerLink:
    """Read what links a decision to its answer; raises ValueError where it is none."""
    try:
        told = _TOLD.decode(value or b"")
    except msgspec.DecodeError as error:
        raise ValueError(f"not a decision: {error}") from None
    UUID(told.decision_id)
    if not 0 <= told.decided_at < _LATEST_MS:
        raise ValueError("a decision was taken at a time that cannot be")
    return AnswerLink(position, told.decision_id, told.decided_at)


def read_outcome(value: bytes) -> ObservedOutcome:
    """Read an outcome; raises ValueError where it is none, or could not become a row."""
    told = parse_outcome(value)
    if told.decision_id is not None:
        UUID(told.decision_id)
    if not 0 <= told.observed_ms < _LATEST_MS:
        raise ValueError("an outcome was observed at a time that cannot be")
    return told
