"""Topics in memory, read by the modules of this room as they would read a broker's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from streaming.kafka.reading import Positions
from streaming.proof import dead_letters, readback, rehearse, replay
from tests.fixtures.deciding import FakeRecord


class MemoryTopics:
    """Records by topic, in one partition each unless told otherwise."""

    def __init__(self) -> None:
        self.records: dict[str, list[FakeRecord]] = {}

    def add(
        self,
        topic: str,
        value: bytes | None,
        headers: list[tuple[str, bytes]] | None = None,
        partition: int = 0,
        key: bytes | None = None,
    ) -> FakeRecord:
        """Put one record at the end of a partition."""
        some = self.records.setdefault(topic, [])
        offset = sum(record.partition == partition for record in some)
        record = FakeRecord(value, offset, partition, topic, key=key, headers=headers or [])
        some.append(record)
        return record

    def read_topics(
        self,
        bootstrap: str,
        topics: list[str],
        since: Positions | None = None,
        security: object = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Iterator[FakeRecord]:
        """Yield what a reader of committed records gets."""
        for topic in topics:
            for record in self.records.get(topic, []):
                if since is None or record.offset >= since.at.get((topic, record.partition), 0):
                    yield record

    def read_spans(
        self, bootstrap: str, topic: str, spans: dict[int, tuple[int, int]], security: object = None, at_once: int = 500
    ) -> Iterator[list[Any]]:
        """Yield the records of the spans, all at once."""
        yield [
            record
            for record in self.records.get(topic, [])
            if record.partition in spans and spans[record.partition][0] <= record.offset < spans[record.partition][1]
        ]

    def end_positions(self, bootstrap: str, topics: list[str], security: object = None) -> Positions:
        """Return how many records each topic has, as if in one partition."""
        return Positions({(topic, 0): len(self.records.get(topic, [])) for topic in topics})


class MemorySender:
    """Puts records into the topics, or keeps a failure; what `streaming.kafka.sender.Sender` is to its users."""

    topics: MemoryTopics
    failure: Exception | None = None

    def __init__(self, bootstrap: str, security: object = None, **options: Any) -> None:
        self.options = options

    def __enter__(self) -> MemorySender:
        return self

    def __exit__(self, *_: object) -> None: ...

    def send(
        self, topic: str, value: bytes | None, key: bytes | None = None, headers: list[tuple[str, bytes]] | None = None
    ) -> None:
        """Put one record."""
        self.topics.add(topic, value, headers, key=key)

    def flush(self, timeout_s: float) -> None: ...


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
