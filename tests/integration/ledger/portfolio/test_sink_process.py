"""Facts by a sink as it runs in production: killed in the middle, its counts are those of the topics."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import KafkaProducer
from sqlalchemy import Engine, func, select

from ledger.portfolio.book import Book
from ledger.portfolio.counting import PortfolioCounts
from ledger.portfolio.following import Follower, Following
from ledger.store.engine import reading
from ledger.store.tables import decisions, fact_outcomes
from tests.fixtures.broker import Stream
from tests.fixtures.decisions import decision_batch
from tests.fixtures.ledger import FEATURES, migrated
from tests.fixtures.ledger_topics import produce, sink_environment, start_sink

pytestmark = pytest.mark.integration


def until(condition: Callable[[], object], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come to hold in time"
        time.sleep(0.02)


def count(engine: Engine, table) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def test_a_killed_sink_counts_each_decision_and_outcome_once(database_url: str, stream: Stream, tmp_path: Path) -> None:
    """Half of the outcomes come before their decisions; the door's follower runs all the while."""
    batches = [decision_batch(100, 100_001 + 100 * number, features=FEATURES) for number in range(30)]
    names = [name for batch in batches for name in batch.applications.application_ids]
    _tell(stream, names[::2])
    produce(stream, batches)
    _tell(stream, names[1::2])
    engine = migrated(database_url)
    follower = Follower(engine, tmp_path / "portfolio")
    following = Following(follower, every_s=0.05)
    following.start()
    environment = sink_environment(stream, database_url, tmp_path)
    child = start_sink(environment, tmp_path / "sink.log")
    until(lambda: count(engine, decisions) >= 700 or child.poll() is not None)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child = start_sink(environment, tmp_path / "sink.log")
    counts = PortfolioCounts(follower, Book(None), tmp_path / "portfolio")
    question = "SELECT count(*), count(DISTINCT seq), count(defaulted), sum(defaulted) FROM source_rows"
    try:
        until(lambda: count(engine, decisions) == 3000 and count(engine, fact_outcomes) == 3000)
        until(lambda: counts.ask(question)[0][:3] == (3000, 3000, 3000))
        assert counts.ask(question) == [(3000, 3000, 3000, 600)]
        assert counts.ask("SELECT outcome, count(*) FROM source_rows GROUP BY 1 ORDER BY 1") == [
            (outcome, sum(int((batch.outcome == outcome).sum()) for batch in batches)) for outcome in range(3)
        ]
    finally:
        child.terminate()
        child.wait(timeout=30)
        following.stop()
        counts.close()
    assert count(engine, fact_outcomes) == 3000


def _tell(stream: Stream, names: list[str]) -> None:
    """Write that one in five applications defaulted."""
    producer = KafkaProducer(bootstrap_servers=stream.bootstrap, linger_ms=5)
    for name in names:
        told = {"application_id": name, "defaulted": int(int(name) % 5 == 0), "observed_at": 5}
        producer.send(stream.settings.outcomes_topic, json.dumps(told).encode(), key=name.encode())
    producer.close()
