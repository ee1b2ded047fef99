"""The rows of decisions, made from audit records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from credit.features import CATALOG
from credit.wire.audit import AuditRecord
from ledger.errors import Erased, LedgerUnavailable
from ledger.store.codes import DOOR_OF
from ledger.store.sealing import Vault

_TRIES = 3
_CODES = tuple(subject.code for subject in CATALOG.subjects.values())


class DecisionRow(NamedTuple):
    """One decision as it stands in `decisions`, its columns in the table's order; a tuple, since there are many."""

    decided_ms: int
    seq: int
    decision_id: str
    client: bytes
    submitted_ms: int
    outcome: int
    mode: int
    door: int
    history: bool
    raw: float
    probability: float
    points: int
    model_id: int
    policy_id: int
    batch_id: int
    batch_row: int
    reasons: str


class PayloadRow(NamedTuple):
    """One sealed payload as it stands in `payloads`."""

    decided_ms: int
    seq: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class RecordPosition:
    """Where a record stands in Kafka."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class AuditBatch:
    """An audit record with its position, what is personal of each decision packed already."""

    position: RecordPosition
    record: AuditRecord
    packed: list[bytes]


def rows_of(
    record: AuditRecord,
    clients: list[bytes],
    keep: list[int],
    first_seq: int,
    model_id: int,
    policy_id: int,
    batch_id: int,
) -> Iterator[DecisionRow]:
    """Yield the rows of the decisions in `keep`, numbered from `first_seq` on.

    clients: the hash of each kept decision's client; keep: places in the record.
    """
    door = DOOR_OF[record.header["door"]]
    decided, submitted = record.decided_ms.tolist(), record.submitted_ms.tolist()
    outcome, mode, history = record.outcome.tolist(), record.mode.tolist(), record.history.tolist()
    raw, probability, points = record.raw.tolist(), record.probability.tolist(), record.points.tolist()
    subjects = record.reason_subject.tolist()
    for place, (row, client) in enumerate(zip(keep, clients, strict=True)):
        yield DecisionRow(
            decided[row],
            first_seq + place,
            record.decision_ids[row],
            client,
            submitted[row],
            outcome[row],
            mode[row],
            door,
            history[row],
            raw[row],
            probability[row],
            points[row],
            model_id,
            policy_id,
            batch_id,
            row,
            reason_codes(subjects[row]),
        )


def reason_codes(subjects: list[int]) -> str:
    """Return the codes of a decision's reasons, strongest first, with spaces between."""
    return " ".join(_CODES[subject] for subject in subjects if 0 <= subject < len(_CODES))


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """An audit record's payloads sealed: `clients` (their names) and `sealed` row by row those of the record."""

    clients: list[bytes]
    sealed: list[bytes]


@dataclass(frozen=True, slots=True)
class NewDecisions:
    """What of one audit record is new: `rows` say by `batch_row` where in the record they stand."""

    audit: AuditBatch
    rows: list[DecisionRow]
    payloads: list[PayloadRow]


def seal(audit: AuditBatch, vault: Vault) -> SealedRecord:
    """Name the clients and seal what is personal of each decision, before any transaction is open."""
    record = audit.record
    ids, decided_ms = [str(client) for client in record.client_ids.tolist()], record.decided_ms.tolist()
    contexts = [decision_id.encode() for decision_id in record.decision_ids]
    for _ in range(_TRIES):
        clients = vault.names(ids, decided_ms)
        try:
            return SealedRecord(clients, vault.seal(clients, audit.packed, contexts))
        except Erased:  # a client was erased in between: it is named anew
            continue
    raise LedgerUnavailable("clients were erased while their decisions were being sealed; trying again")
