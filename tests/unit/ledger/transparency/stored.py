"""A ledger on a real database, filled by its own writer with made decisions of a real shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from credit.application import FloatArray
from credit.policy import Outcome
from credit.wire.audit import AuditRecord, decode_audit, encode_audit
from ledger.store.engine import connect, reading, writing
from ledger.store.migrate import upgrade
from ledger.store.payload import pack
from ledger.store.rows import AuditBatch, RecordPosition, reason_codes
from ledger.store.write import LedgerWriter, SinkWork
from ledger.transparency.heads import HeadSigner, SignedHead
from ledger.transparency.log import MerkleLog
from ledger.transparency.notary import Notary
from ledger.transparency.recompute import DecidedBy, Recomputed
from ledger.transparency.stored import StoredReceipts
from ledger.transparency.tables import SqlTiles, all_heads, save_head
from ledger.transparency.verify import Verification, verify_all
from ledger.vault.key_store import SqlKeyStore, open_key_store
from ledger.vault.vault import ClientVault
from tests.fixtures.decisions import decision_batch
from tests.fixtures.keys import MASTER

SIGNER = HeadSigner(Ed25519PrivateKey.from_private_bytes(b"k" * 32), "test")


class AsRecorded:
    """Decides again by looking it up: what the audit records of the same rows said, found by their features."""

    def __init__(self) -> None:
        self._rows: dict[bytes, tuple[AuditRecord, int]] = {}

    def learn(self, record: AuditRecord) -> None:
        for row, features in enumerate(record.features):
            self._rows[features.tobytes()] = (record, row)

    def decide(
        self, decided_by: DecidedBy, features: FloatArray, outcomes: Sequence[str], modes: Sequence[str]
    ) -> Recomputed:
        found = [self._rows[row.tobytes()] for row in features]
        assert {record.header["model"]["digest"] for record, _ in found} == {decided_by.model_digest}

        def each(name: str) -> np.ndarray:  # type: ignore[type-arg]
            return np.array([getattr(record, name)[row] for record, row in found])

        return Recomputed(
            raw=each("raw"),
            probability=each("probability"),
            points=each("points"),
            outcomes=[Outcome(int(value)).word for value in each("outcome")],
            reasons=[tuple(reason_codes(subjects).split()) for subjects in each("reason_subject").tolist()],
            reason_feature=each("reason_feature"),
            reason_share=each("reason_share"),
            contributions=each("contributions"),
            expected_value=found[0][0].header["expected_value"],
        )


class FilledLedger:
    """An engine, a vault and a writer with the log's notary beside it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.engine: Engine = connect(url)
        upgrade(self.engine)
        self.keys: SqlKeyStore = open_key_store(f"sqlite:///{folder}/vault/keys.db")
        self.vault = ClientVault(self.keys, MASTER)
        self.writer = LedgerWriter(self.engine, self.vault, [Notary(self.vault)])
        self.again = AsRecorded()
        self._offset = 0

    def store(self, n: int, first_id: int) -> list[str]:
        """Decide n applications of n clients from `first_id` on, store them, and return their ids."""
        record = decode_audit(encode_audit(decision_batch(n, first_id), "kafka", []))
        # The made contributions are any numbers; those of a real decision add up to its score.
        contributions = record.contributions.copy()
        contributions[:, 0] += record.raw - record.header["expected_value"] - contributions.sum(axis=1)
        record = replace(record, contributions=contributions)
        self.again.learn(record)
        position = RecordPosition("loan-audit", 0, self._offset)
        self.writer.store(SinkWork(audits=[AuditBatch(position, record, pack(record))]))
        self._offset += 1
        return record.decision_ids

    def sign(self) -> SignedHead:
        with writing(self.engine) as connection:
            log = MerkleLog(SqlTiles(connection))
            size = log.size()
            head = SIGNER.sign(size, log.root(size), 1)
            save_head(connection, head)
        return head

    def verify(self, kept_from_ms: int = 0) -> Verification:
        with reading(self.engine) as connection:
            heads = all_heads(connection, SIGNER.verifier_key)
            source = StoredReceipts(connection, self.vault, kept_from_ms)
            return verify_all(MerkleLog(SqlTiles(connection)), heads, source, self.again)

    def run(self, statement: str) -> None:
        """Do what somebody with the database's password could."""
        with writing(self.engine) as connection:
            connection.exec_driver_sql(statement)

    def close(self) -> None:
        self.engine.dispose()
        self.keys.close()
