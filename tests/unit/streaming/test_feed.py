"""A table's rows as messages, sent into topics in memory."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from kafka.errors import KafkaError

from credit.errors import DependencyUnavailable, TableError
from credit.wire.application import parse_applications
from streaming import feed as module
from streaming.feed import feed, read_rows
from tests.fixtures.memory_topics import MemorySender, MemoryTopics

CSV = """SK_ID_CURR,TARGET,NAME_CONTRACT_TYPE,CODE_GENDER,AMT_INCOME_TOTAL,AMT_CREDIT,DAYS_BIRTH,OWN_CAR_AGE
100001,1,Cash loans,F,150000.0,300000.0,-12000,
100002,0,Revolving loans,M,90000.0,100000.5,-9000,7
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "application_test.csv"
    path.write_text(CSV)
    return path


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch) -> MemoryTopics:
    topics = MemoryTopics()
    monkeypatch.setattr(MemorySender, "topics", topics, raising=False)
    monkeypatch.setattr(MemorySender, "failure", None)
    monkeypatch.setattr(module, "Sender", MemorySender)
    return topics


def test_rows_are_what_an_applicant_states_and_nothing_that_is_missing(table: Path) -> None:
    """Neither the label nor empty cells; numbers are numbers, the client's id is a whole one."""
    first, second = read_rows(table)
    assert first == {
        "SK_ID_CURR": 100001,
        "NAME_CONTRACT_TYPE": "Cash loans",
        "CODE_GENDER": "F",
        "AMT_INCOME_TOTAL": 150000.0,
        "AMT_CREDIT": 300000.0,
        "DAYS_BIRTH": -12000.0,
    }
    assert second["OWN_CAR_AGE"] == 7.0


def test_a_table_is_sent_as_applications_that_can_be_read(topics: MemoryTopics, table: Path) -> None:
    """Each under its id as key, submitted now."""
    told: list[int] = []
    assert feed("b", table, topic="in", id_prefix="p-", progress=told.append) == 2
    records = topics.records["in"]
    parsed = parse_applications([record.value or b"" for record in records], [int(time.time() * 1000)] * 2)
    assert not parsed.rejected
    assert parsed.batch.application_ids == ["p-100001", "p-100002"]
    assert [record.key for record in records] == [b"p-100001", b"p-100002"]
    assert told[-1] == 2


def test_a_table_begins_again_under_other_ids_until_the_limit(topics: MemoryTopics, table: Path) -> None:
    """No application is sent twice under one id."""
    assert feed("b", table, topic="in", limit=5, repeat=True) == 5
    keys = [record.key for record in topics.records["in"]]
    assert keys == [b"100001", b"100002", b"r2-100001", b"r2-100002", b"r3-100001"]


def test_feeding_ends_when_it_is_told_to_or_something_was_not_taken(
    topics: MemoryTopics, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stops it gets the count; brokers that did not acknowledge are an error of ours."""
    stop = threading.Event()
    stop.set()
    assert feed("b", table, topic="in", repeat=True, stop=stop) == 0
    monkeypatch.setattr(MemorySender, "failure", KafkaError("gone"))
    with pytest.raises(DependencyUnavailable, match=r"did not acknowledge every application \(.*gone"):
        feed("b", table, topic="in", repeat=True)
    assert "in" not in topics.records


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, r"other\.csv is not there"),
        ("A,B\n1,2\n", "SK_ID_CURR"),
        ("SK_ID_CURR,AMT_CREDIT\n1,many\n", r"other\.csv cannot be read"),
        ("SK_ID_CURR,AMT_CREDIT\n", "holds no applications"),
    ],
)
def test_a_table_that_is_none_is_named(topics: MemoryTopics, tmp_path: Path, content: str | None, says: str) -> None:
    """Missing, without clients, unreadable or empty: one line that names the file."""
    other = tmp_path / "other.csv"
    if content is not None:
        other.write_text(content)
    with pytest.raises(TableError, match=says):
        feed("b", other, topic="in")
