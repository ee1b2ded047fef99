"""In = decisions + dead letters, counted from topics in memory."""

from __future__ import annotations

from pydantic_core import to_json

from streaming.kafka.reading import Positions
from streaming.proof.readback import Proof, prove
from tests.fixtures.deciding import application
from tests.fixtures.memory_topics import MemoryTopics


def decided(topics: MemoryTopics, application_id: str, outcome: str = "approve") -> None:
    topics.add("out", to_json({"application_id": application_id, "outcome": outcome}))


def died(topics: MemoryTopics, partition: int, offset: int) -> None:
    source = [("loanstream.source.partition", partition), ("loanstream.source.offset", offset)]
    topics.add("dlq", b"{", [(name, str(value).encode()) for name, value in source])


def proof(since: Positions | None = None) -> Proof:
    return prove("b", "in", "out", "dlq", since)


def test_each_application_with_one_answer_proves_it(topics: MemoryTopics) -> None:
    """A decision or a dead letter; one sent twice is owed two; one without any id is owed by its position."""
    for number in (0, 1, 1):
        topics.add("in", to_json(application(number)))
        decided(topics, f"app-{number:07d}", "refer")
    died(topics, 0, topics.add("in", b"{").offset)
    found = proof()
    assert found.holds, found.line()
    assert found.line() == "4 in = 3 decisions + 1 dead letters; lost 0, doubled 0, unexpected 0"
    assert found.outcomes == {"refer": 3}


def test_what_is_lost_doubled_or_of_nobody_is_named(topics: MemoryTopics) -> None:
    """By the application's id where it has one."""
    for number in range(3):
        topics.add("in", to_json(application(number)))
    topics.add("in", None)
    for name in ("app-0000001", "app-0000002", "app-0000002", "app-0000099"):
        decided(topics, name)
    died(topics, 3, 7)
    found = proof()
    assert not found.holds
    assert found.lost == ["app-0000000", "record 0:3"]
    assert found.doubled == ["app-0000002"]
    assert found.unexpected == ["dead letter of 3:7", "app-0000099"]


def test_only_what_came_later_counts(topics: MemoryTopics) -> None:
    """From given positions on, whatever the topics held before."""
    for number in range(2):
        topics.add("in", to_json(application(number)))
    decided(topics, "app-0000001")
    found = proof(Positions({("in", 0): 1, ("out", 0): 0, ("dlq", 0): 0}))
    assert found.holds
    assert found.applications_in == 1
