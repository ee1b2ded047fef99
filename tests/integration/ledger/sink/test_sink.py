"""The sink against a real broker and real databases."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import KafkaProducer
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, func, select

from benchmarks.own_postgres import OwnPostgres
from credit.wire.audit import SourceRange, encode_audit
from ledger.errors import LedgerUnavailable
from ledger.metrics import SinkMetrics
from ledger.sink.decode import TopicNames
from ledger.sink.loop import Sink
from ledger.sink.reader import PositionedReader, open_consumer
from ledger.store import tables
from ledger.store.engine import reading
from ledger.store.write import match_answers
from tests.fixtures.broker import Stream
from tests.fixtures.decisions import decision_batch
from tests.fixtures.ledger import FEATURES, migrated, writer
from tests.fixtures.ledger_topics import produce, sink_environment, start_sink

pytestmark = pytest.mark.integration


def until(condition: Callable[[], object], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come to hold in time"
        time.sleep(0.02)


def rows(engine: Engine, table: str = "decisions") -> int:
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(tables.METADATA.tables[table])) or 0)


def all_ids(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(tables.decisions.c.decision_id)))


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def sink(stream: Stream, engine: Engine, registry: CollectorRegistry) -> Sink:
    names = TopicNames(stream.settings.audit_topic, stream.settings.decisions_topic, "outcomes-of-nobody")
    reader = PositionedReader(open_consumer(stream.bootstrap, {}), names)
    return Sink(reader, writer(engine), names, SinkMetrics(registry), 500, max_backoff_s=0.5)


def test_a_sink_killed_at_random_adds_and_loses_nothing(database_url: str, stream: Stream, tmp_path: Path) -> None:
    """Killed twice in the middle of its work: rows equal topics, each once, and each answer has its decision."""
    batches = [decision_batch(100, 100_001 + 100 * number, features=FEATURES) for number in range(60)]
    produce(stream, batches)
    engine = migrated(database_url)
    chosen = random.Random(database_url[:6])
    environment = sink_environment(stream, database_url, tmp_path)
    stops = sorted(chosen.sample(range(200, 4500), 2))
    for kill_at in stops:
        child = start_sink(environment, tmp_path / "sink.log")
        until(lambda at=kill_at, sink=child: rows(engine) >= at or sink.poll() is not None)
        assert child.poll() is None, (tmp_path / "sink.log").read_text()
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    child = start_sink(environment, tmp_path / "sink.log")
    try:
        until(lambda: rows(engine) >= 6000 and rows(engine, "answers") >= 6000)
    finally:
        child.terminate()
        child.wait(timeout=30)
    found = all_ids(engine)
    assert sorted(found) == sorted(i for batch in batches for i in batch.decision_ids)
    assert rows(engine, "payloads") == rows(engine, "register") == 6000
    assert rows(engine, "batches") == 60
    assert match_answers(engine) == 0


def test_what_cannot_be_read_is_counted_and_passed_over(
    sink: Sink, stream: Stream, engine: Engine, registry: CollectorRegistry
) -> None:
    """Poison of several kinds between two good records: both are stored, the poison is in the quarantine."""
    producer = KafkaProducer(bootstrap_servers=stream.bootstrap)
    good = encode_audit(decision_batch(3, features=FEATURES), "kafka", [SourceRange("a", 0, 0, 2)])
    poison: list[bytes | None] = [
        b"",
        b"\x00" * 50,
        b"{}",
        good[: len(good) // 2],
        good.replace(b'"kafka"', b'"pigeon'),
    ]
    for value in [good, *poison, encode_audit(decision_batch(2, 7, features=FEATURES), "http", [])]:
        producer.send(stream.settings.audit_topic, value, partition=0)
    producer.send(stream.settings.decisions_topic, b'{"decision_id":"no"}')
    producer.close()

    def done() -> bool:
        sink.step()
        return rows(engine) == 5 and rows(engine, "quarantine") == len(poison) + 1

    until(done)
    name = "loanstream_ledger_unreadable_records_total"
    assert registry.get_sample_value(name, {"topic": stream.settings.audit_topic}) == len(poison)


def test_an_aborted_transaction_is_never_stored(sink: Sink, stream: Stream, engine: Engine) -> None:
    """Only committed records count, and the lag ends at zero though markers stand between them."""
    producer = KafkaProducer(bootstrap_servers=stream.bootstrap, transactional_id=f"tx-{stream.settings.audit_topic}")
    producer.init_transactions()
    for first_id, commit in ((100_001, False), (200_001, True)):
        producer.begin_transaction()
        value = encode_audit(decision_batch(4, first_id, features=FEATURES), "kafka", [SourceRange("a", 0, 0, 3)])
        producer.send(stream.settings.audit_topic, value, partition=1)
        producer.flush()
        producer.commit_transaction() if commit else producer.abort_transaction()
    producer.close()

    def done() -> bool:
        sink.step()
        return rows(engine) == 4 and sum(sink._records.lag().values()) == 0

    until(done)
    assert sorted(all_ids(engine)) == sorted(decision_batch(4, 200_001, features=FEATURES).decision_ids)


def test_two_sinks_on_one_database_store_each_record_once(sink: Sink, stream: Stream, engine: Engine) -> None:
    """A second sink, started by mistake, is told to read on from where the first one is."""
    produce(stream, [decision_batch(50, 100_001 + 50 * number, features=FEATURES) for number in range(8)])
    names = TopicNames(stream.settings.audit_topic, stream.settings.decisions_topic, "outcomes-of-nobody")
    reader = PositionedReader(open_consumer(stream.bootstrap, {}), names)
    other = Sink(reader, writer(engine), names, SinkMetrics(CollectorRegistry()), 100, max_backoff_s=0.5)
    import threading

    threads = [threading.Thread(target=each.run) for each in (sink, other)]
    for thread in threads:
        thread.start()
    try:
        until(lambda: rows(engine) == 400 and rows(engine, "answers") == 400)
    finally:
        sink.stop()
        other.stop()
        for thread in threads:
            thread.join(timeout=30)
    assert len(set(all_ids(engine))) == 400
    assert rows(engine, "batches") == 8


def test_a_database_that_goes_away_costs_nothing(postgres: OwnPostgres, stream: Stream, tmp_path: Path) -> None:
    """PostgreSQL crashes while the sink stores: it waits, goes on when the server is back, and nothing is missing."""
    url = postgres.database(f"away_{os.getpid()}_{time.time_ns() % 10**6}")
    child: subprocess.Popen[bytes] | None = None
    try:
        engine = migrated(url.replace("postgresql://", "postgresql+psycopg://"))
        produce(stream, [decision_batch(100, 100_001 + 100 * number, features=FEATURES) for number in range(30)])
        child = start_sink(sink_environment(stream, url, tmp_path), tmp_path / "sink.log")
        until(lambda: rows(engine) > 200)
        postgres.stop()
        with pytest.raises(LedgerUnavailable):
            rows(engine)
        postgres.start()
        until(lambda: rows(engine) == 3000)
        assert child.poll() is None
        assert len(set(all_ids(engine))) == 3000
    finally:
        if child is not None:
            child.kill()
            child.wait()
