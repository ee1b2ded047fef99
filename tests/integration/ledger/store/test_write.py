"""Transactions of the sink against real databases: all or nothing, and nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, func, inspect, select

from credit.wire.outcome import ObservedOutcome
from ledger.errors import LedgerUnavailable, PositionMoved
from ledger.query.receipt import read_receipt
from ledger.review.states import Cause
from ledger.store import tables
from ledger.store.engine import connect, reading, writing
from ledger.store.months import end_retention
from ledger.store.rows import NewDecisions, RecordPosition
from ledger.store.write import AnswerLink, LedgerWriter, Moves, SinkWork, Unreadable, match_answers
from tests.fixtures.decisions import decision_batch
from tests.fixtures.ledger import FEATURES, VAULT, store, work, writer

pytestmark = pytest.mark.integration


def count(engine: Engine, table: str) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(tables.METADATA.tables[table])) or 0)


def test_a_stored_decision_is_read_back_to_the_bit(engine: Engine) -> None:
    """Features, contributions, reasons and ids come back as the audit record held them."""
    batch = decision_batch(30, features=FEATURES)
    batch.features[3, 1] = np.nan
    writer(engine).store(work(batch))
    with reading(engine) as connection:
        receipt = read_receipt(connection, VAULT, batch.decision_ids[3])
    personal = receipt.personal
    assert personal is not None
    assert personal.features.tobytes() == batch.features[3].tobytes()
    assert personal.contributions.tobytes() == batch.contributions[3].astype(np.float32).tobytes()
    assert (personal.client_id, personal.application_id) == (100004, "100004")
    assert receipt.row.probability == batch.probability[3]
    assert receipt.row.raw == batch.raw[3]
    assert receipt.model.features == FEATURES
    assert receipt.policy == batch.model.policy


def test_the_same_work_again_is_refused_by_its_position(engine: Engine) -> None:
    """A second sink, or the same after a commit whose answer was lost, adds nothing and is told to look again."""
    stored = store(engine, 50)
    assert (stored.decisions, stored.repeated) == (50, 0)
    with pytest.raises(PositionMoved):
        store(engine, 50)
    assert count(engine, "decisions") == count(engine, "payloads") == count(engine, "register") == 50


def test_decisions_taken_again_are_stored_once(engine: Engine) -> None:
    """The same application decided again, also months later, keeps its first row; the register has no gap."""
    store(engine, 50)
    again = decision_batch(60, features=FEATURES)
    later = replace(again, decided_ms=again.decided_ms + 90 * 86_400_000)
    stored = writer(engine).store(work(later, offset=1))
    assert (stored.decisions, stored.repeated) == (10, 50)
    with reading(engine) as connection:
        numbers = connection.scalars(select(tables.register.c.seq).order_by(tables.register.c.seq)).all()
        first = connection.scalar(select(func.min(tables.decisions.c.decided_ms)))
    assert numbers == list(range(60))
    assert first == again.decided_ms[0]


def test_a_transaction_that_fails_late_leaves_nothing(engine: Engine) -> None:
    """Rows, positions, models and partitions are one: what else fails takes all of it back, and the retry stores it."""

    class Failing:
        broken = True

        def add(self, connection: Connection, new: Sequence[NewDecisions]) -> None:
            if self.broken:
                raise LedgerUnavailable("the log could not be written")

    beside = Failing()
    failing = LedgerWriter(engine, VAULT, [beside])
    todo = work(decision_batch(20, features=FEATURES))
    with pytest.raises(LedgerUnavailable):
        failing.store(todo)
    assert count(engine, "decisions") == count(engine, "positions") == count(engine, "models") == 0
    beside.broken = False
    assert failing.store(todo).decisions == 20
    assert failing.positions() == {("audit", 0): 1}


def test_referrals_and_the_sample_enter_the_queue_with_their_rows(engine: Engine) -> None:
    """Each referral is a review, and with a share of 1 everything else is one too."""
    store(engine, 30, share=1.0)
    with reading(engine) as connection:
        causes = connection.execute(select(tables.reviews.c.cause, func.count()).group_by(tables.reviews.c.cause)).all()
    assert {tuple(row) for row in causes} == {(Cause.REFERRAL.value, 10), (Cause.SAMPLE.value, 20)}


def test_answers_without_a_decision_wait_for_it(engine: Engine) -> None:
    """What is on loan-decisions and in no audit record read so far is counted, until its decision comes."""
    batch = decision_batch(5, features=FEATURES)
    answers = [
        AnswerLink(RecordPosition("decisions", 0, offset), decision_id, int(batch.decided_ms[offset]))
        for offset, decision_id in enumerate(batch.decision_ids)
    ]
    writer(engine).store(SinkWork(answers=answers, moves=[Moves("decisions", 0, 0, 5)]))
    assert match_answers(engine) == 5
    writer(engine).store(work(batch))
    assert match_answers(engine) == 0
    with reading(engine) as connection:
        receipt = read_receipt(connection, VAULT, batch.decision_ids[2])
    assert receipt.answer is not None
    assert receipt.answer.record_offset == 2


def test_the_latest_outcome_of_an_application_holds(engine: Engine) -> None:
    """Outcomes may come in any order; the one observed last is on the receipt."""
    batch = decision_batch(1, features=FEATURES)
    writer(engine).store(work(batch))
    for offset, (defaulted, at) in enumerate(((0, 100), (1, 300), (0, 200))):
        observed = ObservedOutcome(batch.applications.application_ids[0], None, defaulted, at)
        writer(engine).store(SinkWork(outcomes=[observed], moves=[Moves("outcomes", 0, offset, offset + 1)]))
    with reading(engine) as connection:
        receipt = read_receipt(connection, VAULT, batch.decision_ids[0])
    assert receipt.observed is not None
    assert (receipt.observed.defaulted, receipt.observed.observed_ms) == (1, 300)


def test_an_unreadable_record_is_noted_without_its_bytes(engine: Engine) -> None:
    """The quarantine says where it stands and what is wrong."""
    bad = Unreadable(RecordPosition("audit", 1, 7), "not an audit record", 11, "0" * 64)
    writer(engine).store(SinkWork(unreadable=[bad], moves=[Moves("audit", 1, 7, 8)]))
    with reading(engine) as connection:
        row = connection.execute(select(tables.quarantine)).one()
    assert (row.topic, row.partition, row.record_offset, row.problem) == ("audit", 1, 7, "not an audit record")


def test_retention_ends_months_and_keeps_the_register(engine: Engine) -> None:
    """PostgreSQL drops the partitions of a month that is over, SQLite deletes its rows; no replay brings one back."""
    old = decision_batch(20, features=FEATURES)
    writer(engine).store(work(old))
    young = decision_batch(20, 200001, features=FEATURES)
    month_later = replace(young, decided_ms=young.decided_ms + 40 * 86_400_000)
    writer(engine).store(work(month_later, offset=1))
    cut = round(datetime(2025, 7, 1, tzinfo=UTC).timestamp() * 1000)
    gone = end_retention(engine, cut)
    assert count(engine, "decisions") == count(engine, "payloads") == 20
    if engine.dialect.name == "postgresql":
        assert "decisions_y2025m06" in gone
        assert not inspect(engine).has_table("payloads_y2025m06")
    assert writer(engine).store(work(old, offset=2)).repeated == 20
    assert count(engine, "decisions") == 20
    assert count(engine, "register") == 40


def test_a_locked_database_is_said_to_be_away(tmp_path) -> None:
    """SQLite held by another writer for longer than our patience: a retryable error in one line."""
    url = f"sqlite:///{tmp_path}/locked.db"
    engine = connect(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    impatient = connect(url, patience_s=0.1)
    with writing(engine), pytest.raises(LedgerUnavailable, match="locked"), writing(impatient):
        pass
