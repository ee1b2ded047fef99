"""Writes a leaf of the log for every new decision, in the transaction that stores its row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from credit.errors import PermanentError
from ledger.store.rows import NewDecisions
from ledger.transparency.content import PersonalParts
from ledger.transparency.frame import ReceiptFrame
from ledger.transparency.log import MerkleLog
from ledger.transparency.receipt import PublicReceipt, box_hash
from ledger.transparency.tables import SqlTiles


class LogOutOfStep(PermanentError):
    """The log and the register do not have the same length: one of them was restored without the other."""


class Salts(Protocol):
    """The vault, as the log needs it."""

    def salts(self, clients: Sequence[bytes], context: Sequence[bytes]) -> list[bytes]: ...


class Notary:
    """A `ledger.store.write.Beside`: with the rows of a micro-batch it writes their leaves."""

    def __init__(self, vault: Salts) -> None:
        self._vault = vault

    def add(self, connection: Connection, new: Sequence[NewDecisions]) -> None:
        """Append the leaves of new decisions; raises LogOutOfStep where they would not stand at their rows' numbers."""
        receipts = [receipt for decisions in new for receipt in self._receipts(decisions)]
        first = MerkleLog(SqlTiles(connection)).append(
            [receipt.leaf_hash() for receipt in receipts],
            [receipt.decision_id for receipt in receipts],
            [receipt.content_hash for receipt in receipts],
        )
        expected = new[0].rows[0].seq
        if first != expected:
            raise LogOutOfStep(f"the log has {first} leaves, the register {expected}: restore both from one backup")

    def _receipts(self, new: NewDecisions) -> list[PublicReceipt]:
        record, at = new.audit.record, new.audit.position
        rows = [row.batch_row for row in new.rows]
        salts = self._vault.salts([row.client for row in new.rows], [row.decision_id.encode() for row in new.rows])
        hashes = PersonalParts.of(record, rows).hashes(salts)
        header = record.header
        model, expected = header["model"], header["expected_value"]
        decided_by = ReceiptFrame(
            model["name"],
            model["version"],
            model["digest"],
            header["policy_digest"],
            header["door"],
            float("nan") if expected is None else expected,
            f"{at.topic}/{at.partition}/{at.offset}",
        )
        return [
            decided_by.receipt(row, content, box_hash(payload.sealed))
            for row, content, payload in zip(new.rows, hashes, new.payloads, strict=True)
        ]
