"""This room's modules over topics in memory."""

from __future__ import annotations

import pytest

from streaming.proof import dead_letters, readback, rehearse, replay
from tests.fixtures.memory_topics import MemorySender, MemoryTopics


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
