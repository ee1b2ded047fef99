"""Ranges decided again, over topics in memory."""

from __future__ import annotations

import pytest
from kafka.errors import KafkaError
from pydantic_core import from_json, to_json

from credit.errors import DependencyUnavailable, SettingsError
from credit.wire.audit import decode_audit
from streaming.proof import replay as module
from streaming.proof.replay import ReplayRange, range_of, replay
from streaming.settings import StreamingSettings
from tests.fixtures.deciding import FakeGraph, application
from tests.fixtures.memory_topics import MemorySender, MemoryTopics

S = StreamingSettings()


def fill(topics: MemoryTopics, count: int) -> None:
    for number in range(count):
        topics.add(S.applications_topic, to_json(application(number)))


def test_a_range_is_decided_into_topics_of_its_own(topics: MemoryTopics) -> None:
    """Each application of the range and no other; the audit's door is replay, the counts add up."""
    fill(topics, 5)
    topics.add(S.applications_topic, b"{broken")
    told: list[tuple[int, int]] = []
    done = replay(S, ReplayRange({0: (1, 6)}), "again", FakeGraph(), progress=lambda *at: told.append(at))
    assert (done.applications, done.decisions, done.dead_letters, done.topic) == (5, 4, 1, "again")
    ids = [from_json(record.value or b"")["application_id"] for record in topics.records["again"]]
    assert ids == [f"app-{number:07d}" for number in range(1, 5)]
    assert {decode_audit(record.value or b"").header["door"] for record in topics.records["again-audit"]} == {"replay"}
    assert len(topics.records["again-dlq"]) == 1
    assert told == [(5, 5)]
    assert S.decisions_topic not in topics.records


def test_live_topics_and_topics_with_records_are_refused(topics: MemoryTopics) -> None:
    """Before anything is written."""
    fill(topics, 2)
    for live in (S.applications_topic, S.decisions_topic, S.audit_topic, S.dead_letters_topic):
        with pytest.raises(SettingsError, match="live topic"):
            replay(S, ReplayRange({0: (0, 2)}), live, FakeGraph())
    topics.add("again-dlq", b"left over")
    with pytest.raises(SettingsError, match="has records already"):
        replay(S, ReplayRange({0: (0, 2)}), "again", FakeGraph())
    assert "again" not in topics.records


def test_a_replay_that_is_not_complete_says_so(topics: MemoryTopics, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not transactional: what is missing is made in another topic, from the start."""
    fill(topics, 2)
    monkeypatch.setattr(MemorySender, "failure", KafkaError("gone"))
    with pytest.raises(DependencyUnavailable, match=r"not complete \(.*gone.*another topic"):
        replay(S, ReplayRange({0: (0, 2)}), "again", FakeGraph())


def test_offsets_narrow_what_the_times_give(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of both bounds the narrower holds; a partition with nothing left is no part of the range."""
    asked: list[tuple[object, ...]] = []

    def spans(bootstrap: str, topic: str, *rest: object) -> dict[int, tuple[int, int]]:
        asked.append((topic, *rest))
        return {0: (10, 20), 1: (0, 5)}

    monkeypatch.setattr(module, "spans_between", spans)
    assert range_of(S, from_ms=7, to_ms=9).offsets == {0: (10, 20), 1: (0, 5)}
    assert asked == [(S.applications_topic, 7, 9, None)]
    narrowed = range_of(S, from_offsets={0: 12, 1: 5}, to_offsets={0: 99})
    assert narrowed.offsets == {0: (12, 20)}
    assert len(narrowed) == 8
    with pytest.raises(SettingsError, match="no applications"):
        range_of(S, to_offsets={0: 10, 1: 0})
