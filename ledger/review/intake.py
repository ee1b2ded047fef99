"""Which stored decisions enter the queue of reviews by themselves: every referral, and a sample of the rest."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from sqlalchemy import Connection

from credit.policy import Outcome
from ledger.review.states import Cause, ReviewState
from ledger.store.bulk import insert_all
from ledger.store.engine import now_ms
from ledger.store.rows import DecisionRow, NewDecisions
from ledger.store.tables import reviews

DAY_MS = 86_400_000
_NAMESPACE = uuid.UUID("0d8f3a52-9a35-5d0b-8c1e-726576696577")


def review_id(decision_id: str, cause: Cause, number: int = 0) -> str:
    """Return the id of a decision's review: the same decision, cause and number give the same."""
    return str(uuid.uuid5(_NAMESPACE, f"{decision_id}|{cause}|{number}"))


def sampled(decision_id: str, share: float) -> bool:
    """Say whether a decision is in the sample: by its id, so that a replay samples the same."""
    return crc32(decision_id.encode()) < share * 2**32


@dataclass(frozen=True, slots=True)
class ReviewIntake:
    """Puts new decisions into the queue, in the transaction of their rows.

    share: part of the decisions that are not referred which are reviewed too; days: within which a review is decided.
    """

    share: float
    days: float

    def add(self, connection: Connection, new: Sequence[NewDecisions]) -> None:
        """Open the reviews that these decisions need."""
        now = now_ms()
        rows = (row for each in new for row in each.rows)
        chosen = [(row, cause) for row in rows if (cause := self._cause(row)) is not None]
        insert_all(connection, reviews, [opened(row, cause, now, self.days) for row, cause in chosen])

    def _cause(self, row: DecisionRow) -> Cause | None:
        if row.outcome == Outcome.REFER:
            return Cause.REFERRAL
        return Cause.SAMPLE if self.share and sampled(row.decision_id, self.share) else None


def opened(row: DecisionRow, cause: Cause, now: int, days: float, number: int = 0) -> tuple[object, ...]:
    """Return the row of a review just opened, all columns in the table's order."""
    due = now + round(days * DAY_MS)
    head = (review_id(row.decision_id, cause, number), row.decision_id, row.decided_ms, row.seq, row.client)
    return (*head, cause.value, row.outcome, ReviewState.OPEN.value, None, now, due, *([None] * 6), 1)
