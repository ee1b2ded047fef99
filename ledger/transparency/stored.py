"""The receipts of a ledger's database, as the verifier reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from sqlalchemy import Connection, Row, Select, and_, not_, select

from credit.application import FloatArray
from ledger.store import tables
from ledger.store.codes import DOORS
from ledger.store.payload import PersonalPart, unpack
from ledger.transparency.content import PersonalParts
from ledger.transparency.frame import ReceiptFrame
from ledger.transparency.log import MerkleLog
from ledger.transparency.receipt import box_hash
from ledger.transparency.tables import SqlTiles
from ledger.transparency.verify import OpenedContent, StoredReceipt

_decisions, _register, _payloads = tables.decisions.c, tables.register.c, tables.payloads.c
_models, _policies, _batches = tables.models.c, tables.policies.c, tables.batches.c


class OpeningVault(Protocol):
    """The vault, as verifying needs it."""

    def open_many(
        self, clients: Sequence[bytes], sealed: Sequence[bytes], context: Sequence[bytes]
    ) -> list[bytes | None]: ...

    def salts(self, clients: Sequence[bytes], context: Sequence[bytes]) -> list[bytes]: ...


@dataclass(frozen=True, slots=True)
class StoredReceipts:
    """A `ledger.transparency.verify.ReceiptShelf` over one reading transaction.

    kept_from_ms: decisions from before may have been removed by retention; 0 where they are kept for ever.
    """

    connection: Connection
    vault: OpeningVault
    kept_from_ms: int = 0

    def receipts(self, begin: int, end: int) -> Sequence[StoredReceipt]:
        there = self.connection.execute(_whole_rows().where(_register.seq >= begin, _register.seq < end))
        hashes = MerkleLog(SqlTiles(self.connection)).content_hashes(begin, end)
        return [_stored(row, hashes[row.seq - begin]) for row in there]

    def strays(self, size: int) -> Sequence[tuple[int, str]]:
        beside = and_(
            _register.seq == _decisions.seq,
            _register.decided_ms == _decisions.decided_ms,
            _register.decision_id == _decisions.decision_id,
        )
        joined = tables.decisions.outerjoin(tables.register, beside)
        statement = (
            select(_decisions.seq, _decisions.decision_id)
            .select_from(joined)
            .where(_register.seq.is_(None) | not_(_decisions.seq.between(0, size - 1)))
            .order_by(_decisions.seq)
        )
        return [(row.seq, row.decision_id) for row in self.connection.execute(statement)]

    def retired(self, begin: int, end: int) -> set[int]:
        statement = select(_register.seq).where(
            _register.seq >= begin, _register.seq < end, _register.decided_ms < self.kept_from_ms
        )
        return set(self.connection.execute(statement).scalars())

    def opened(self, stored: Sequence[StoredReceipt]) -> Sequence[OpenedContent | None]:
        names = [row.receipt.client for row in stored]
        contexts = [row.receipt.decision_id.encode() for row in stored]
        packed = self.vault.open_many(names, [row.box for row in stored], contexts)
        salts = self.vault.salts(names, contexts)
        parts = [None if blob is None else unpack(blob) for blob in packed]
        contents = iter(_contents([part for part in parts if part is not None]))
        return [
            None if part is None else OpenedContent(next(contents), salt)
            for part, salt in zip(parts, salts, strict=True)
        ]

    def place_of(self, decision_id: str) -> int | None:
        """Return a decision's place in the log, None where the register does not name it."""
        statement = select(_register.seq).where(_register.decision_id == decision_id.lower())
        return self.connection.execute(statement).scalar_one_or_none()


def _whole_rows() -> Select[Any]:
    """Select decisions with all that their receipts need; by the register, whose numbers are the log's places."""
    same = and_(
        _decisions.decided_ms == _register.decided_ms,
        _decisions.seq == _register.seq,
        _decisions.decision_id == _register.decision_id,
    )
    payload = and_(_payloads.decided_ms == _decisions.decided_ms, _payloads.seq == _decisions.seq)
    joined = (
        tables.register.join(tables.decisions, same)
        .outerjoin(tables.payloads, payload)
        .outerjoin(tables.models, _models.model_id == _decisions.model_id)
        .outerjoin(tables.policies, _policies.policy_id == _decisions.policy_id)
        .outerjoin(tables.batches, _batches.batch_id == _decisions.batch_id)
    )
    return (
        select(
            tables.decisions,
            _payloads.sealed,
            _models.name.label("model_name"),
            _models.version.label("model_version"),
            _models.digest.label("model_digest"),
            _policies.digest.label("policy_digest"),
            _batches.expected_value,
            _batches.topic,
            _batches.partition,
            _batches.record_offset,
        )
        .select_from(joined)
        .order_by(_register.seq)
    )


def _stored(row: Row[Any], content_hash: bytes) -> StoredReceipt:
    door = DOORS[row.door] if 0 <= row.door < len(DOORS) else str(row.door)
    # A reference that leads nowhere gives None, in words the receipt's leaf never had: the row shows as altered.
    frame = ReceiptFrame(
        row.model_name,
        row.model_version,
        row.model_digest,
        row.policy_digest,
        door,
        float("nan") if row.expected_value is None else row.expected_value,
        f"{row.topic}/{row.partition}/{row.record_offset}",
    )
    box = row.sealed or b""
    return StoredReceipt(row.seq, frame.receipt(row, content_hash, box_hash(box)), box)


def _contents(parts: Sequence[PersonalPart]) -> list[bytes]:
    """Return the bytes that receipts commit to; parts of one width together, in their order."""
    found: list[bytes] = []
    begin = 0
    for end in range(1, len(parts) + 1):
        if end < len(parts) and _shape(parts[end]) == _shape(parts[begin]):
            continue
        some = parts[begin:end]
        together = PersonalParts(
            [part.application_id for part in some],
            np.array([part.client_id for part in some], dtype=np.int64),
            np.stack([part.reason_feature for part in some]),
            np.stack([part.reason_share for part in some]),
            np.stack([part.features for part in some]),
            np.stack([part.contributions for part in some]),
            None if some[0].application is None else np.stack([_application(part) for part in some]),
        )
        found += together.contents()
        begin = end
    return found


def _shape(part: PersonalPart) -> tuple[int, int]:
    return len(part.features), -1 if part.application is None else len(part.application)


def _application(part: PersonalPart) -> FloatArray:
    assert part.application is not None
    return part.application


def find_client(connection: Connection, decision_id: str) -> bytes | None:
    """Return the random name of a decision's client, None where there is no such decision."""
    same = and_(_decisions.decided_ms == _register.decided_ms, _decisions.seq == _register.seq)
    joined = tables.register.join(tables.decisions, same)
    statement = select(_decisions.client).select_from(joined).where(_register.decision_id == decision_id.lower())
    return connection.execute(statement).scalar_one_or_none()
