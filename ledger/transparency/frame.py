"""From a row of the ledger to the receipt that its leaf commits to: the one way, for writing and for verifying."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ledger.store.codes import MODE_WORDS, OUTCOME_WORDS
from ledger.transparency.receipt import PublicReceipt


class LoggedRow(Protocol):
    """A row of `decisions`, as `ledger.store.rows.DecisionRow` or as the database gives it."""

    @property
    def decided_ms(self) -> int: ...
    @property
    def decision_id(self) -> str: ...
    @property
    def client(self) -> bytes: ...
    @property
    def submitted_ms(self) -> int: ...
    @property
    def outcome(self) -> int: ...
    @property
    def mode(self) -> int: ...
    @property
    def history(self) -> bool: ...
    @property
    def raw(self) -> float: ...
    @property
    def probability(self) -> float: ...
    @property
    def points(self) -> int: ...
    @property
    def batch_row(self) -> int: ...
    @property
    def reasons(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ReceiptFrame:
    """What all decisions of one audit record share; source: topic/partition/offset of the record."""

    model_name: str
    model_version: str
    model_digest: str
    policy_digest: str
    door: str
    expected_value: float
    source: str

    def receipt(self, row: LoggedRow, content_hash: bytes, box_hash: bytes) -> PublicReceipt:
        """Return the receipt of a row; a number that is no outcome or no mode stays a number, and shows as altered."""
        return PublicReceipt(
            row.decision_id,
            row.client,
            row.submitted_ms,
            row.decided_ms,
            OUTCOME_WORDS.get(row.outcome, str(row.outcome)),
            row.raw,
            self.expected_value,
            row.probability,
            row.points,
            tuple(row.reasons.split()),
            self.model_name,
            self.model_version,
            self.model_digest,
            self.policy_digest,
            MODE_WORDS.get(row.mode, str(row.mode)),
            self.door,
            row.history,
            f"{self.source}/{row.batch_row}",
            content_hash,
            box_hash,
        )
