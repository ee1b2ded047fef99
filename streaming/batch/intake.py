"""From the bytes of a poll to applications, or to dead letters that say why not; nothing in between."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from credit.application import ApplicationBatch, IntArray
from credit.wire.application import ParsedBatch, Rejection, TimeLimits, parse_applications
from credit.wire.dead_letter import first_arrival, retry_link
from streaming.kafka.records import Record

_MAX_DETAIL = 2000
# A producer sets a record's time as it likes; one that is not in this span (2001 to 2096) is no time of arrival.
_SANE_MS = (10**12, 4 * 10**12)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record that cannot be decided: a code for machines and a sentence for people."""

    record: Record
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Intake:
    """One poll, read: `batch` row i came from `accepted[i]`; all other records are in `dead`."""

    batch: ApplicationBatch
    accepted: list[Record]
    dead: list[DeadLetter] = field(default_factory=list)


def read_records(records: Sequence[Record], limits: TimeLimits | None = None) -> Intake:
    """Read n records; each ends in the batch or among the dead letters, whatever its bytes are."""
    payloads = [record.value if record.value is not None else b"" for record in records]
    arrived = _arrival_ms(records)
    try:
        read = _intake(records, parse_applications(payloads, arrived, limits))
    except Exception:  # noqa: BLE001 - a fault in reading one message must not stop all others
        read = _one_by_one(records, payloads, arrived, limits)
    return _with_late_retries(read, limits)


def _with_late_retries(read: Intake, limits: TimeLimits | None) -> Intake:
    """Read retries that came too late once more, as of when their application first arrived."""
    late = [
        letter
        for letter in read.dead
        if letter.code == "submitted_too_long_ago" and retry_link(letter.record.headers) is not None
    ]
    if not late:
        return read
    records = [letter.record for letter in late]
    arrived = [first_arrival(record.headers, record.timestamp) for record in records]
    again = _intake(records, parse_applications([record.value or b"" for record in records], arrived, limits))
    retried = {id(letter) for letter in late}
    dead = [letter for letter in read.dead if id(letter) not in retried]
    batch = ApplicationBatch.concatenate([read.batch, again.batch])
    return Intake(batch, [*read.accepted, *again.accepted], [*dead, *again.dead])


def _arrival_ms(records: Sequence[Record]) -> IntArray:
    now = time.time_ns() // 1_000_000
    stamps = [record.timestamp if record.timestamp is not None else -1 for record in records]
    return np.array([s if _SANE_MS[0] < s < _SANE_MS[1] else now for s in stamps], dtype=np.int64)


def _intake(records: Sequence[Record], parsed: ParsedBatch) -> Intake:
    return Intake(
        parsed.batch,
        [records[row] for row in parsed.rows.tolist()],
        [_dead_letter(records[rejection.row], rejection) for rejection in parsed.rejected],
    )


def _dead_letter(record: Record, rejection: Rejection) -> DeadLetter:
    return DeadLetter(record, rejection.code, rejection.detail[:_MAX_DETAIL])


def _one_by_one(
    records: Sequence[Record], payloads: list[bytes], arrived: IntArray, limits: TimeLimits | None
) -> Intake:
    batches: list[ApplicationBatch] = []
    accepted: list[Record] = []
    dead: list[DeadLetter] = []
    for row, record in enumerate(records):
        try:
            parsed = parse_applications([payloads[row]], arrived[row : row + 1], limits)
        except Exception as error:  # noqa: BLE001 - the record's own dead letter says what happened
            dead.append(DeadLetter(record, "unreadable", f"{type(error).__name__}: {error}"[:_MAX_DETAIL]))
            continue
        if parsed.rejected:
            dead.append(_dead_letter(record, parsed.rejected[0]))
        else:
            batches.append(parsed.batch)
            accepted.append(record)
    batch = ApplicationBatch.concatenate(batches) if batches else parse_applications([], [], limits).batch
    return Intake(batch, accepted, dead)
