"""The queue of reviews on real databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, select

from credit.policy import Outcome
from credit.schema import COLUMN_INDEX
from credit.wire.review import ReviewMessage
from ledger.errors import InvalidRequest, NotAllowed, ReviewConflict, UnknownDecision, UnknownReview
from ledger.query.receipt import read_receipt
from ledger.review.actor import Actor
from ledger.review.queue import QueueFilter, ReviewQueue, ReviewRules
from ledger.review.reasons import ReviewVerdict
from ledger.review.states import Cause, ReviewState
from ledger.review.statistics import ReviewStatistics
from ledger.store import tables
from ledger.store.engine import reading
from tests.fixtures.decisions import decision_batch
from tests.fixtures.ledger import VAULT, work, writer

pytestmark = pytest.mark.integration

ANN = Actor("ann", frozenset({"review"}), limit=500_000.0)
BEN = Actor("ben", frozenset({"review"}), limit=500_000.0)
EVE = Actor("eve", frozenset({"review"}), frozenset({"lead"}), limit=5_000_000.0)


# What a champion reads whose features were selected: neither the amount nor anything protected.
FEATURES = ("EXT_SOURCE_2", "EXT_SOURCE_3", "ANNUITY_TO_CREDIT")


@pytest.fixture
def queue(engine: Engine) -> ReviewQueue:
    """Nine decisions, three of them referred: of 100,000, 400,000 and 2,000,000; four eyes above 300,000."""
    batch = decision_batch(9, features=FEATURES)
    stated = batch.applications.values
    amount, gender, age = (COLUMN_INDEX[name] for name in ("AMT_CREDIT", "CODE_GENDER", "DAYS_BIRTH"))
    stated[:, amount] = 100_000.0
    stated[4, amount], stated[7, amount], stated[2, amount] = 400_000.0, 2_000_000.0, np.nan
    stated[:, gender], stated[:, age] = 0.0, -40 * 365.25
    writer(engine).store(work(batch))
    return ReviewQueue(engine, VAULT, ReviewRules(300_000.0, 3.0, 1000))


def referral(queue: ReviewQueue, amount: float) -> str:
    """Return the open referral of an amount."""
    rows = queue.listed(QueueFilter(cause=Cause.REFERRAL), None, 10)
    return next(row.review_id for row in rows if queue.folder(row.review_id).receipt.amount == amount)


def test_a_review_goes_its_way_and_the_decision_stays(queue: ReviewQueue, engine: Engine) -> None:
    """Taken, decided, told on the outbox; the original outcome is as it was and the final one is derived."""
    number = referral(queue, 100_000.0)
    queue.take(number, ANN)
    queue.comment(number, ANN, "Called the employer.")
    row = queue.decide(number, ANN, ReviewVerdict.OVERTURN, "documents_shown", "Payslips seen.")
    assert (row.state, row.verdict, row.closed_by) == ("closed", "overturn", "ann")
    with reading(engine) as connection:
        receipt = read_receipt(connection, VAULT, row.decision_id)
        told = connection.execute(select(tables.outbox)).one()
    assert receipt.row.outcome == Outcome.REFER
    # 0.1 is the threshold: the model leaned to a decline, so overturning approves.
    assert receipt.final_outcome == Outcome.APPROVE
    message = ReviewMessage.model_validate_json(told.message)
    assert (message.event_no, message.final_outcome, message.outcome) == (1, "approve", "refer")
    folder = queue.folder(number)
    assert [(e.actor, e.kind, e.text) for e in folder.events] == [
        ("ann", "take", None),
        ("ann", "comment", "Called the employer."),
        ("ann", "decide", "Payslips seen."),
    ]


def test_a_closed_review_is_not_decided_again(queue: ReviewQueue, engine: Engine) -> None:
    """Whatever comes later is a conflict, and nothing is told twice."""
    number = referral(queue, 100_000.0)
    queue.take(number, ANN)
    queue.decide(number, ANN, ReviewVerdict.UPHOLD, "confirmed", None)
    for late in (
        lambda: queue.take(number, BEN),
        lambda: queue.decide(number, ANN, ReviewVerdict.OVERTURN, "data_wrong", None),
        lambda: queue.release(number, ANN),
        lambda: queue.attach(number, ANN, "x.pdf", "application/pdf", b"x"),
    ):
        with pytest.raises(ReviewConflict):
            late()
    with reading(engine) as connection:
        assert len(connection.execute(select(tables.outbox)).all()) == 1


def test_of_many_who_take_at_once_one_gets_it(queue: ReviewQueue) -> None:
    """Eight at the same moment: one has it, seven get a conflict."""
    number = referral(queue, 100_000.0)

    def take(name: int) -> bool:
        try:
            queue.take(number, Actor(f"reviewer-{name}", frozenset({"review"})))
        except ReviewConflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 1
    assert len(queue.folder(number).events) == 1


def test_a_large_amount_needs_a_second_person(queue: ReviewQueue) -> None:
    """The proposer cannot confirm; another can, or sends it back."""
    number = referral(queue, 400_000.0)
    queue.take(number, ANN)
    assert queue.decide(number, ANN, ReviewVerdict.UPHOLD, "confirmed", None).state == "proposed"
    with pytest.raises(NotAllowed):
        queue.confirm(number, ANN, None)
    back = queue.send_back(number, BEN, "Which documents?")
    assert (back.state, back.assignee, back.verdict) == ("taken", "ann", None)
    queue.decide(number, ANN, ReviewVerdict.OVERTURN, "documents_shown", None)
    closed = queue.confirm(number, BEN, None)
    assert (closed.state, closed.proposed_by, closed.closed_by) == ("closed", "ann", "ben")


def test_a_limit_holds_also_where_the_amount_is_unknown(queue: ReviewQueue) -> None:
    """Above one's limit nothing is decided, and an amount that nobody stated is above every limit."""
    number = referral(queue, 2_000_000.0)
    queue.assign(number, EVE, "ann")
    with pytest.raises(NotAllowed):
        queue.decide(number, ANN, ReviewVerdict.UPHOLD, "confirmed", None)
    contested = queue.contest(decision_batch(9, features=FEATURES).decision_ids[2], ANN, "My income is higher.")
    queue.take(contested.review_id, EVE)
    with pytest.raises(NotAllowed, match="unknown"):
        queue.decide(contested.review_id, EVE, ReviewVerdict.UPHOLD, "confirmed", None)


def test_a_contest_is_an_entry_of_its_own(queue: ReviewQueue) -> None:
    """The applicant's words are on it; a second one has to wait for the first."""
    declined = decision_batch(9, features=FEATURES).decision_ids[5]
    made = queue.contest(declined, ANN, "I was never late.")
    assert (made.cause, made.state, made.outcome) == ("contest", "open", Outcome.DECLINE)
    assert queue.folder(made.review_id).events[0].text == "I was never late."
    with pytest.raises(ReviewConflict):
        queue.contest(declined, ANN, "I was never late!")
    queue.take(made.review_id, ANN)
    queue.decide(made.review_id, ANN, ReviewVerdict.UPHOLD, "not_supported", None)
    assert queue.contest(declined, ANN, "Here is proof.").review_id != made.review_id
    with pytest.raises(UnknownDecision):
        queue.contest("00000000-0000-5000-8000-000000000000", ANN, "Mine?")


def test_files_come_back_as_they_were_and_are_sealed(queue: ReviewQueue, engine: Engine) -> None:
    """Name and content are read by reviewers, and not in the database."""
    number = referral(queue, 100_000.0)
    queue.take(number, ANN)
    made = queue.attach(number, ANN, "Löhne.pdf", "application/pdf", b"%PDF salary 1234")
    assert queue.file(number, made) == ("Löhne.pdf", "application/pdf", b"%PDF salary 1234")
    with reading(engine) as connection:
        sealed = connection.execute(select(tables.attachments.c.sealed)).scalar_one()
    assert b"salary" not in sealed
    with pytest.raises(InvalidRequest):
        queue.attach(number, ANN, "big", "text/plain", b"x" * 1001)
    with pytest.raises(UnknownReview):
        queue.file(number, "00000000-0000-4000-8000-000000000000")


def test_the_list_goes_by_the_time_due_and_in_pages(queue: ReviewQueue) -> None:
    """Pages hold everything once; filters narrow."""
    found, after = [], None
    while rows := queue.listed(QueueFilter(state=ReviewState.OPEN), after, 2):
        found += [row.review_id for row in rows]
        after = (rows[-1].due_ms, rows[-1].review_id)
    assert len(found) == len(set(found)) == 3
    queue.take(found[0], ANN)
    assert [row.review_id for row in queue.listed(QueueFilter(assignee="ann"), None, 5)] == [found[0]]
    assert queue.listed(QueueFilter(due_before_ms=1), None, 5) == []


def test_figures_count_by_reason_group_and_reviewer(queue: ReviewQueue, engine: Engine) -> None:
    """Overturn rates have bounded labels, and the queue's age is seen."""
    number = referral(queue, 100_000.0)
    queue.take(number, ANN)
    queue.decide(number, ANN, ReviewVerdict.OVERTURN, "data_wrong", None)
    registry = CollectorRegistry()
    registry.register(ReviewStatistics(engine, 3.0))

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    assert value("loanstream_reviews_overturned_ratio", by="reason", value="data_wrong") == 1.0
    assert value("loanstream_reviews_overturned_ratio", by="reviewer", value="ann") == 1.0
    assert value("loanstream_reviews_overturned_ratio", by="group", value="age 35 to 44") == 1.0
    assert value("loanstream_reviews_overturned_ratio", by="group", value="gender F") == 1.0
    assert value("loanstream_reviews_closed_ratio") == pytest.approx(1 / 9)
    for by, of in (("all", ""), ("reason", "data_wrong"), ("reviewer", "ann"), ("group", "gender F")):
        assert value("loanstream_reviews_verdicts_total", by=by, value=of, verdict="overturn") == 1.0
    assert value("loanstream_reviews_open_count", cause="referral", state="open") == 2.0
    assert (value("loanstream_reviews_oldest_age_seconds", cause="referral", state="open") or -1) >= 0
    assert value("loanstream_reviews_overdue_count") == 0.0
