"""Sending a table and reading the topics back."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from credit.wire.application import parse_applications
from streaming.feed import feed, read_rows
from streaming.kafka.reading import end_positions, read_topics
from streaming.proof.readback import prove
from tests.fixtures.broker import Stream

pytestmark = pytest.mark.integration

CSV = """SK_ID_CURR,TARGET,NAME_CONTRACT_TYPE,CODE_GENDER,AMT_INCOME_TOTAL,AMT_CREDIT,DAYS_BIRTH,OWN_CAR_AGE
100001,1,Cash loans,F,150000.0,300000.0,-12000,
100002,0,Revolving loans,M,90000.0,100000.5,-9000,7
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "application_test.csv"
    path.write_text(CSV)
    return path


def test_a_table_arrives_as_applications_that_can_be_read(stream: Stream, table: Path) -> None:
    """CSV and parquet give the same messages, all valid, without the label."""
    import pyarrow.csv
    import pyarrow.parquet

    parquet = table.with_suffix(".parquet")
    pyarrow.parquet.write_table(pyarrow.csv.read_csv(table), parquet)
    assert list(read_rows(table)) == list(read_rows(parquet))
    topic = stream.settings.applications_topic
    assert feed(stream.bootstrap, table, topic=topic) == 2
    assert feed(stream.bootstrap, parquet, topic=topic, id_prefix="p-") == 2
    records = list(read_topics(stream.bootstrap, [topic]))
    parsed = parse_applications([record.value for record in records], [record.timestamp for record in records])
    assert not parsed.rejected
    assert set(parsed.batch.application_ids) == {"100001", "100002", "p-100001", "p-100002"}


def test_the_rate_is_kept_and_a_table_begins_again(stream: Stream, table: Path) -> None:
    """Forty applications at forty a second take a second, though the table has two."""
    begin = time.monotonic()
    topic = stream.settings.applications_topic
    assert feed(stream.bootstrap, table, topic=topic, rate=40, limit=40, repeat=True) == 40
    assert 0.8 < time.monotonic() - begin < 10
    assert len({record.key for record in read_topics(stream.bootstrap, [topic])}) == 40


def test_what_is_not_answered_is_found_lost(stream: Stream, table: Path) -> None:
    """The proof does not hold when an application has no answer, and counts only what came since."""
    s = stream.settings
    topics = [s.applications_topic, s.decisions_topic, s.dead_letters_topic]
    feed(stream.bootstrap, table, topic=s.applications_topic)
    since = end_positions(stream.bootstrap, topics)
    assert prove(stream.bootstrap, *topics, since=since).holds
    feed(stream.bootstrap, table, topic=s.applications_topic, id_prefix="late-")
    proof = prove(stream.bootstrap, *topics, since=since)
    assert not proof.holds
    assert proof.lost == ["late-100001", "late-100002"]
