"""This room's modules over topics in memory."""

from __future__ import annotations

import threading

import pytest
from pydantic_core import to_json

from streaming.batch.answer import answer
from streaming.batch.deciding import PatientDecider
from streaming.batch.intake import read_records
from streaming.batch.publish import Publisher
from streaming.kafka.reading import Positions
from streaming.proof import cut, dead_letters, readback, reconcile, rehearse, replay
from streaming.settings import StreamingSettings
from tests.fixtures.deciding import FakeGraph, application
from tests.fixtures.memory_topics import MemorySender, MemoryTopics

S = StreamingSettings()


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch) -> MemoryTopics:
    """Empty topics, read and written by this room's modules."""
    topics = MemoryTopics()
    for module in (dead_letters, readback, rehearse):
        monkeypatch.setattr(module, "read_topics", topics.read_topics)
    monkeypatch.setattr(replay, "read_spans", topics.read_spans)
    monkeypatch.setattr(replay, "end_positions", topics.end_positions)
    monkeypatch.setattr(replay, "ensure_topics", lambda *_, **__: None)
    monkeypatch.setattr(MemorySender, "topics", topics, raising=False)
    monkeypatch.setattr(MemorySender, "failure", None)
    for module in (dead_letters, replay):
        monkeypatch.setattr(module, "Sender", MemorySender)
    return topics


class Stream:
    """A stream in memory: applications, what answers them, and how far its group has come."""

    def __init__(self, topics: MemoryTopics) -> None:
        self.topics = topics
        self.committed = 0

    def fill(self, count: int, poison: frozenset[int] = frozenset()) -> None:
        """Put applications in; those of these numbers cannot be read."""
        for number in range(count):
            self.topics.add(S.applications_topic, b"{" if number in poison else to_json(application(number)))

    def decide(self, first: int, end: int) -> None:
        """Answer the applications from `first` to before `end` as a gateway does, in one transaction."""
        publisher = Publisher(S.decisions_topic, S.audit_topic, S.dead_letters_topic, 10**6)
        records = self.topics.records[S.applications_topic][first:end]
        outputs = answer(read_records(records), PatientDecider(FakeGraph(), 0.01), publisher, threading.Event())
        for output in outputs.records:
            self.topics.add(output.topic, output.value, output.headers, key=output.key)
        self.committed = max(self.committed, end)

    def send(self, topic: str, value: bytes | None, key: bytes | None, headers: list[tuple[str, bytes]] | None) -> None:
        """As a producer within a transaction."""
        self.topics.add(topic, value, headers, key=key)


@pytest.fixture
def stream(topics: MemoryTopics, monkeypatch: pytest.MonkeyPatch) -> Stream:
    stream = Stream(topics)
    monkeypatch.setattr(cut, "read_topics", topics.read_topics)
    monkeypatch.setattr(cut, "group_offsets", lambda *_: {0: stream.committed} if stream.committed else {})
    monkeypatch.setattr(cut, "begin_positions", lambda *_: Positions({(S.applications_topic, 0): 0}))
    monkeypatch.setattr(reconcile, "read_spans", topics.read_spans)
    return stream
