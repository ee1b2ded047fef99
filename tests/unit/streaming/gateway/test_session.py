"""The loop's order of things, over hand-written clients: what is polled, decided and committed when."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.structs import TopicPartition
from pydantic_core import to_json

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from streaming.batch.deciding import PatientDecider
from streaming.gateway.session import Session
from streaming.gateway.stats import GatewayStats, LoopObserver
from streaming.settings import StreamingSettings
from tests.fixtures.deciding import FakeGraph, FakeRecord, application

TP = TopicPartition("loan-applications", 0)
_LONG_S = 10.0


class Clients:
    """A consumer that gives polls of the given sizes, and a producer that notes what it is asked to do."""

    def __init__(self, sizes: list[int]) -> None:
        self._sizes = iter(sizes)
        self._until = time.monotonic() + _LONG_S
        self.stop = threading.Event()
        self._paused = False
        self._offset = 0
        self.events: list[str] = []
        self.committed: list[int] = []
        self.polled_twice = threading.Event()
        self.waits_ms: list[int] = []

    def poll(self, timeout_ms: int) -> dict[TopicPartition, list[FakeRecord]]:
        self.waits_ms.append(timeout_ms)
        size = 0 if self._paused else next(self._sizes, None)
        if size is None:
            if self.committed[-1:] == [self._offset] or time.monotonic() > self._until:
                self.stop.set()
            return {}
        if not size:
            return {}
        if "poll" in self.events:
            self.polled_twice.set()
        self.events.append("poll")
        first, self._offset = self._offset, self._offset + size
        return {TP: [FakeRecord(to_json(application(n)), offset=n, topic=TP.topic) for n in range(first, self._offset)]}

    def subscribe(self, topic: str, on_moved: Any) -> None:
        self.events.append(f"subscribe {topic}")

    def partition_count(self, topic: str) -> int:
        return 1

    def metadata(self) -> Any:
        return SimpleNamespace(generation_id=1, member_id="member")

    def assignment(self) -> set[TopicPartition]:
        return {TP}

    def pause(self, *_: Any) -> None:
        self._paused = True

    def resume(self, *_: Any) -> None:
        self._paused = False

    def highwater(self, _: Any) -> int:
        return self._offset

    def position(self, _: Any, timeout_ms: int) -> int:
        return self._offset

    def begin(self) -> None: ...

    def send(self, *_: Any) -> None: ...

    def flush(self) -> None: ...

    def add_offsets(self, offsets: dict[Any, Any], _: Any) -> None:
        self.committed.append(offsets[TP].offset)

    def commit(self) -> None:
        self.events.append("commit")


class UntilPolledAgain(FakeGraph):
    """Holds its first batch until another was polled, and notes whether that came to pass."""

    def __init__(self, clients: Clients) -> None:
        super().__init__()
        self._clients = clients
        self.came: bool | None = None

    def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        if self.came is None:
            self.came = self._clients.polled_twice.wait(_LONG_S)
        return super().decide(batch)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def run(clients: Clients, graph: FakeGraph, pool: ThreadPoolExecutor) -> GatewayStats:
    settings = StreamingSettings(max_batch=16)
    observer = LoopObserver(settings.telling_batch)
    patient = PatientDecider(graph, 0.01)
    session = Session(settings, observer, clients.stop, patient, None, clients, clients, pool)  # type: ignore[arg-type]
    session.run()
    session.drop_all()
    assert session.ever_assigned
    return observer.stats()


def test_where_many_wait_the_next_batch_is_polled_beside_the_one_being_decided(pool: ThreadPoolExecutor) -> None:
    """The first large batch is not decided until another was polled; all are committed once, in order."""
    clients = Clients([8, 8, 8])
    graph = UntilPolledAgain(clients)
    stats = run(clients, graph, pool)
    assert graph.came is True
    assert clients.events[:3] == ["subscribe loan-applications", "poll", "poll"]
    assert clients.committed == [8, 16, 24]
    assert (stats.decisions, stats.transactions) == (24, 3)


def test_where_a_poll_takes_all_there_is_batches_go_one_at_a_time(pool: ThreadPoolExecutor) -> None:
    """A small batch is committed before the next is polled: beside it, that one would only wait."""
    clients = Clients([2, 3, 1])
    run(clients, FakeGraph(delay_s=0.02), pool)
    assert clients.events[1:] == ["poll", "commit"] * 3
    assert clients.committed == [2, 5, 6]


def test_from_many_to_few_nothing_is_overtaken(pool: ThreadPoolExecutor) -> None:
    """Whatever the sizes, offsets are committed in the order read, each batch in a transaction of its own."""
    clients = Clients([8, 1, 8, 8, 2, 1])
    stats = run(clients, FakeGraph(), pool)
    assert clients.committed == [8, 9, 17, 25, 27, 28]
    assert stats.applications == 28


def test_a_quiet_replica_waits_longer_until_something_comes(pool: ThreadPoolExecutor) -> None:
    """After many polls without a record the next ones may wait for a second; one record, and they are short again."""
    clients = Clients([0] * 40 + [1] + [0] * 5)
    run(clients, FakeGraph(), pool)
    first, last = clients.waits_ms[0], clients.waits_ms[39]
    assert first < last == 1000
    after = [wait for wait in clients.waits_ms[41:] if wait > 5]
    assert after
    assert after[0] == first
