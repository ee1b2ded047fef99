"""The queue of reviews in the database: the rules of `states` applied to rows, one act a transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, func, or_, select, update

from credit.policy import Outcome
from ledger.errors import Erased, InvalidRequest, ReviewConflict, UnknownReview
from ledger.query.receipt import Receipt, find_row, read_receipt
from ledger.review import states
from ledger.review.actor import Actor
from ledger.review.closing import count_closed, put_into_outbox
from ledger.review.intake import opened
from ledger.review.reasons import ReviewVerdict
from ledger.review.states import Cause, ReviewCase, ReviewState
from ledger.store import tables
from ledger.store.bulk import insert_all
from ledger.store.engine import now_ms, reading, writing
from ledger.store.rows import DecisionRow
from ledger.store.sealing import Vault

MAX_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """What the bank sets: the amount above which two persons look, days for a review, bytes of a file."""

    four_eyes_above: float
    days: float
    max_file_bytes: int


@dataclass(frozen=True, slots=True)
class ReviewEvent:
    """One act on a review; text is None where none was given, or where it can be read no more."""

    at_ms: int
    actor: str
    kind: str
    detail: str
    text: str | None


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file of a review; name is None where it can be read no more."""

    attachment_id: str
    at_ms: int
    actor: str
    media_type: str
    size: int
    name: str | None


@dataclass(frozen=True, slots=True)
class ReviewFolder:
    """A review with all that belongs to it; row: of `reviews`."""

    row: Row[Any]
    case: ReviewCase
    receipt: Receipt
    events: list[ReviewEvent]
    files: list[AttachedFile]


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which reviews are wanted; None wants all."""

    state: ReviewState | None = None
    cause: Cause | None = None
    assignee: str | None = None
    decision_id: str | None = None
    due_before_ms: int | None = None


class ReviewQueue:
    """Reads and changes reviews; every change is an event with its actor's name."""

    def __init__(self, engine: Engine, vault: Vault, rules: ReviewRules) -> None:
        self._engine, self._vault, self.rules = engine, vault, rules

    def listed(self, wanted: QueueFilter, after: tuple[int, str] | None, limit: int) -> list[Row[Any]]:
        """Return reviews by the time they are due; `after` is (due_ms, review_id) of the last one seen."""
        r = tables.reviews.c
        found = select(tables.reviews)
        for column, value in ((r.state, wanted.state), (r.cause, wanted.cause)):
            if value is not None:
                found = found.where(column == value.value)
        if wanted.assignee is not None:
            found = found.where(r.assignee == wanted.assignee)
        if wanted.decision_id is not None:
            found = found.where(r.decision_id == wanted.decision_id)
        if wanted.due_before_ms is not None:
            found = found.where(r.due_ms < wanted.due_before_ms, r.state != ReviewState.CLOSED.value)
        if after is not None:
            found = found.where(or_(r.due_ms > after[0], and_(r.due_ms == after[0], r.review_id > after[1])))
        with reading(self._engine) as connection:
            return list(connection.execute(found.order_by(r.due_ms, r.review_id).limit(limit)))

    def folder(self, review_id: str) -> ReviewFolder:
        """Return a review with its receipt, events and files; raises UnknownReview."""
        e, a = tables.review_events.c, tables.attachments.c
        with reading(self._engine) as connection:
            row = _found(connection, review_id)
            receipt = read_receipt(connection, self._vault, row.decision_id)
            events = connection.execute(
                select(tables.review_events).where(e.review_id == review_id).order_by(e.event_id)
            ).all()
            files = connection.execute(
                select(tables.attachments).where(a.review_id == review_id).order_by(a.at_ms)
            ).all()
        return ReviewFolder(
            row,
            case_of(row, receipt),
            receipt,
            [ReviewEvent(v.at_ms, v.actor, v.kind, v.detail, self._text(row, v.sealed)) for v in events],
            [
                AttachedFile(f.attachment_id, f.at_ms, f.actor, f.media_type, f.size, self._file_name(row, f.sealed))
                for f in files
            ],
        )

    def take(self, review_id: str, actor: Actor) -> Row[Any]:
        """Take an open review."""
        return self._change(review_id, actor, "take", lambda case: states.take(case, actor))

    def release(self, review_id: str, actor: Actor) -> Row[Any]:
        """Put a taken review back."""
        return self._change(review_id, actor, "release", lambda case: states.release(case, actor))

    def assign(self, review_id: str, actor: Actor, to: str) -> Row[Any]:
        """Give a review to somebody."""
        return self._change(review_id, actor, "assign", lambda case: states.assign(case, actor, to), detail=to)

    def decide(self, review_id: str, actor: Actor, verdict: ReviewVerdict, reason: str, text: str | None) -> Row[Any]:
        """Give a verdict with a reason of the list, and free text beside it."""

        def step(case: ReviewCase) -> ReviewCase:
            return states.decide(case, actor, verdict, reason, self.rules.four_eyes_above)

        return self._change(review_id, actor, "decide", step, detail=f"{verdict} {reason}", text=text)

    def confirm(self, review_id: str, actor: Actor, text: str | None) -> Row[Any]:
        """Confirm another person's proposal."""
        return self._change(review_id, actor, "confirm", lambda case: states.confirm(case, actor), text=text)

    def send_back(self, review_id: str, actor: Actor, text: str | None) -> Row[Any]:
        """Refuse another person's proposal."""
        return self._change(review_id, actor, "send back", lambda case: states.send_back(case, actor), text=text)

    def comment(self, review_id: str, actor: Actor, text: str) -> Row[Any]:
        """Say something on a review."""
        return self._change(review_id, actor, "comment", lambda case: case, text=text)

    def contest(self, decision_id: str, actor: Actor, text: str) -> Row[Any]:
        """Open a review of a decision for its applicant, whose point of view `text` is.

        Raises ReviewConflict while an earlier contest of it is open.
        """
        r = tables.reviews.c
        now = now_ms()
        with writing(self._engine) as connection:
            decided = DecisionRow._make(find_row(connection, decision_id))
            mine = (r.decision_id == decided.decision_id) & (r.cause == Cause.CONTEST.value)
            earlier = connection.execute(select(r.review_id, r.state).where(mine)).all()
            if any(review.state != ReviewState.CLOSED.value for review in earlier):
                raise ReviewConflict("this decision is contested already, and the review is open; add a comment to it")
            row = opened(decided, Cause.CONTEST, now, self.rules.days, len(earlier))
            insert_all(connection, tables.reviews, [row])
            made = _found(connection, str(row[0]))
            self._event(connection, made, actor, "contest", "", text, now)
            return made

    def attach(self, review_id: str, actor: Actor, name: str, media_type: str, content: bytes) -> str:
        """Attach a file to a review that is not closed, and return its id."""
        if not content or len(content) > self.rules.max_file_bytes:
            raise InvalidRequest(
                "file", f"a file has 1 to {self.rules.max_file_bytes:,} bytes, this has {len(content):,}"
            )
        number, now = str(uuid.uuid4()), now_ms()
        with writing(self._engine) as connection:
            row = _found(connection, review_id)
            if row.state == ReviewState.CLOSED.value:
                raise ReviewConflict("this review is closed; contest the decision anew to add to it")
            named = name.encode()[:255]
            plain = bytes([len(named)]) + named + content
            (sealed,) = self._vault.seal([row.client], [plain], [review_id.encode()])
            insert_all(
                connection,
                tables.attachments,
                [(number, review_id, now, actor.name, media_type[:100], len(content), sealed)],
            )
            self._event(connection, row, actor, "attach", number, None, now)
        return number

    def file(self, review_id: str, attachment_id: str) -> tuple[str, str, bytes]:
        """Return a file's name, media type and content; raises UnknownReview where there is none, Erased."""
        a = tables.attachments.c
        with reading(self._engine) as connection:
            row = _found(connection, review_id)
            found = connection.execute(
                select(tables.attachments).where(a.attachment_id == attachment_id, a.review_id == review_id)
            ).first()
        if found is None:
            raise UnknownReview(f"review {review_id} has no file {attachment_id}")
        plain = self._vault.open(row.client, found.sealed, review_id.encode())
        return plain[1 : 1 + plain[0]].decode(), found.media_type, plain[1 + plain[0] :]

    def _change(
        self,
        review_id: str,
        actor: Actor,
        kind: str,
        step: Callable[[ReviewCase], ReviewCase],
        detail: str = "",
        text: str | None = None,
    ) -> Row[Any]:
        r = tables.reviews.c
        now = now_ms()
        with writing(self._engine) as connection:
            row = _found(connection, review_id)
            receipt = read_receipt(connection, self._vault, row.decision_id)
            before = case_of(row, receipt)
            after = step(before)
            closes = after.state is ReviewState.CLOSED and before.state is not ReviewState.CLOSED
            final = after.outcome(after.verdict) if closes and after.verdict else None
            values = {
                "state": after.state.value,
                "assignee": after.assignee,
                "verdict": after.verdict and after.verdict.value,
                "reason": after.reason,
                "proposed_by": after.proposed_by,
                "edition": row.edition + 1,
            }
            if final is not None:
                values |= {"closed_by": after.closed_by, "closed_ms": now, "final_outcome": int(final)}
            if after != before:
                changed = connection.execute(
                    update(tables.reviews).where(r.review_id == review_id, r.edition == row.edition).values(values)
                )
                if changed.rowcount != 1:
                    raise ReviewConflict("somebody else changed this review at the same time; look again")
            self._event(connection, row, actor, kind, detail, text, now)
            made = _found(connection, review_id)
            if final is not None:
                put_into_outbox(connection, made)
                count_closed(connection, made, receipt.stated())
            return made

    def _event(
        self, connection: Connection, row: Row[Any], actor: Actor, kind: str, detail: str, text: str | None, now: int
    ) -> None:
        sealed = None
        if text:
            if len(text) > MAX_TEXT:
                raise InvalidRequest("text", f"at most {MAX_TEXT:,} characters are kept, this has {len(text):,}")
            (sealed,) = self._vault.seal([row.client], [text.encode()], [row.review_id.encode()])
        connection.execute(
            tables.review_events.insert().values(
                review_id=row.review_id, at_ms=now, actor=actor.name, kind=kind, detail=detail, sealed=sealed
            )
        )

    def _text(self, row: Row[Any], sealed: bytes | None) -> str | None:
        if sealed is None:
            return None
        try:
            return self._vault.open(row.client, sealed, row.review_id.encode()).decode()
        except Erased:
            return None

    def _file_name(self, row: Row[Any], sealed: bytes) -> str | None:
        try:
            plain = self._vault.open(row.client, sealed, row.review_id.encode())
        except Erased:
            return None
        return plain[1 : 1 + plain[0]].decode()


def case_of(row: Row[Any], receipt: Receipt) -> ReviewCase:
    """Return a review as the rules see it."""
    decided = receipt.row
    towards = states.leaning(Outcome(decided.outcome), decided.probability, receipt.policy.threshold)
    verdict = ReviewVerdict(row.verdict) if row.verdict else None
    people = (row.proposed_by, row.closed_by)
    return ReviewCase(ReviewState(row.state), towards, receipt.amount, row.assignee, verdict, row.reason, *people)


def waiting(connection: Connection) -> Sequence[Row[Any]]:
    """Return, by cause and state, how many reviews are not closed, the oldest opening, and the earliest due time."""
    r = tables.reviews.c
    counted = select(r.cause, r.state, func.count().label("n"), func.min(r.opened_ms).label("oldest_ms"))
    return connection.execute(counted.where(r.state != ReviewState.CLOSED.value).group_by(r.cause, r.state)).all()


def _found(connection: Connection, review_id: str) -> Row[Any]:
    row = connection.execute(select(tables.reviews).where(tables.reviews.c.review_id == review_id)).first()
    if row is None:
        raise UnknownReview(f"there is no review {review_id}; `loanstream review list` shows those there are")
    return row
