"""Dead letters listed and retried, over topics in memory."""

from __future__ import annotations

import threading

import pytest
from kafka.errors import KafkaError
from pydantic_core import to_json

from credit.errors import DependencyUnavailable, SettingsError
from streaming.batch.answer import answer
from streaming.batch.deciding import PatientDecider
from streaming.batch.intake import read_records
from streaming.batch.publish import Publisher
from streaming.proof.dead_letters import Position, letter_of, list_letters, retry_letters, show_letter
from streaming.settings import StreamingSettings
from tests.fixtures.deciding import FakeGraph, application
from tests.fixtures.memory_topics import MemorySender, MemoryTopics

S = StreamingSettings()


def decide(topics: MemoryTopics, first: int = 0, max_bytes: int = 10**6) -> None:
    """Answer the applications from an offset on, as a gateway would."""
    publisher = Publisher(S.decisions_topic, S.audit_topic, S.dead_letters_topic, max_bytes)
    records = topics.records[S.applications_topic][first:]
    outputs = answer(read_records(records), PatientDecider(FakeGraph(), 0.01), publisher, threading.Event())
    for output in outputs.records:
        topics.add(output.topic, output.value, output.headers, key=output.key)


@pytest.mark.parametrize("text", ["", "1", "a:b", "1:2:3", "1:"])
def test_what_is_no_position_is_refused(text: str) -> None:
    """The error says how a dead letter is named."""
    with pytest.raises(SettingsError, match="partition:offset"):
        Position.parse(text)
    assert str(Position.parse("3:14")) == "3:14"


def test_a_letter_tells_why_it_died_and_holds_what_came(topics: MemoryTopics) -> None:
    """Bytes, key and the sender's headers as they were; ours are its fields."""
    source = topics.add(S.applications_topic, b"{broken", [("trace", b"1")], partition=2, key=b"k")
    decide(topics)
    (record,) = topics.records[S.dead_letters_topic]
    letter = letter_of(record)
    assert (letter.code, letter.value, letter.key, letter.headers) == ("not_json", b"{broken", b"k", [("trace", b"1")])
    assert (letter.source_partition, letter.source_offset, letter.arrived_ms) == (2, 0, source.timestamp)
    assert show_letter(S, letter.position) == letter
    with pytest.raises(SettingsError, match="no dead letter at 0:9"):
        show_letter(S, Position(0, 9))


def test_a_retry_s_fate_is_told_at_each_step(topics: MemoryTopics) -> None:
    """Waiting, then the dead letter that it became, and of that one's retry the decision."""
    topics.add(S.applications_topic, b"{broken")
    decide(topics)
    first = Position(0, 0)
    assert retry_letters(S, [first, first]) == 1
    assert show_letter(S, first).retried_as == "waiting"
    decide(topics, first=1)
    assert show_letter(S, first).retried_as == "dead letter 0:1"
    assert show_letter(S, Position(0, 1)).retry_of == first
    with pytest.raises(SettingsError, match="retried before"):
        retry_letters(S, [first])
    topics.records[S.dead_letters_topic][1].value = to_json(application(1))  # the cause is mended
    retry_letters(S, [Position(0, 1)])
    decide(topics, first=2)
    fate = show_letter(S, Position(0, 1)).retried_as
    assert fate is not None
    assert fate.startswith("decision ")
    assert [letter.position for letter in list_letters(S, code="not_json")] == [first, Position(0, 1)]
    assert list_letters(S, code="oversize_output") == []
    assert list_letters(S, since_ms=show_letter(S, first).died_ms + 10**9) == []


def test_nothing_is_sent_where_one_cannot_be(topics: MemoryTopics) -> None:
    """One that was cut, or is unknown, stops all of them before the first."""
    topics.add(S.applications_topic, b"{broken")
    topics.add(S.applications_topic, b"x" * 200_000)
    decide(topics, max_bytes=70_000)
    with pytest.raises(SettingsError, match="too large to keep whole; the whole of it is at loan-applications 0:1"):
        retry_letters(S, [Position(0, 0), Position(0, 1)])
    with pytest.raises(SettingsError, match="no dead letter at 4:4"):
        retry_letters(S, [Position(0, 0), Position(4, 4)])
    assert len(topics.records[S.applications_topic]) == 2


def test_what_the_brokers_did_not_take_is_said(topics: MemoryTopics, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some may be there: the list shows which."""
    topics.add(S.applications_topic, b"{broken")
    decide(topics)
    monkeypatch.setattr(MemorySender, "failure", KafkaError("gone"))
    with pytest.raises(DependencyUnavailable, match=r"gone.*retry the rest"):
        retry_letters(S, [Position(0, 0)])
