"""The sink's loop with hand-written topics and store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry

from credit.errors import DependencyUnavailable
from ledger.errors import LedgerUnavailable, PositionMoved
from ledger.metrics import SinkMetrics
from ledger.sink.decode import TopicRecord
from ledger.sink.loop import Sink
from ledger.store.write import SinkWork, Stored
from tests.unit.ledger.sink.test_decode import NAMES, audit


class Topic:
    """One partition of audit records; `skipped` and `fail` as the test sets them."""

    def __init__(self, records: list[TopicRecord]) -> None:
        self.records = records
        self.at = 0
        self.skipped = 0
        self.fail: list[Exception] = []
        self.went_to: list[int] = []

    def go_to(self, positions: Mapping[tuple[str, int], int]) -> None:
        self.at = positions.get(("audit", 0), 0)
        self.went_to.append(self.at)

    def poll(self, positions: Mapping[tuple[str, int], int]) -> list[Sequence[TopicRecord]]:
        if self.fail:
            raise self.fail.pop()
        found, self.at = self.records[self.at : self.at + 2], min(self.at + 2, len(self.records))
        return [found] if found else []

    def lag(self) -> dict[str, int]:
        return {"audit": len(self.records) - self.at}


class Database:
    """Keeps the offsets it was given; fails as often as it is told."""

    def __init__(self) -> None:
        self.next_offset = 0
        self.kept: list[int] = []
        self.fail: list[Exception] = []

    def positions(self) -> dict[tuple[str, int], int]:
        return {("audit", 0): self.next_offset}

    def store(self, work: SinkWork) -> Stored:
        if self.fail:
            raise self.fail.pop()
        (move,) = work.moves
        if move.before != self.next_offset:
            raise PositionMoved("moved")
        self.kept += [a.position.offset for a in work.audits]
        self.next_offset = move.after
        return Stored(sum(len(a.record) for a in work.audits), 0)


def made(n: int = 6) -> tuple[Topic, Database, Sink, CollectorRegistry]:
    topic, database, registry = Topic([audit(3, offset) for offset in range(n)]), Database(), CollectorRegistry()

    def stop_at_end() -> None:
        if topic.at >= n:
            sink.stop()

    sink = Sink(topic, database, NAMES, SinkMetrics(registry), 3, max_backoff_s=0.01, idle=stop_at_end)
    return topic, database, sink, registry


def test_all_is_stored_in_order() -> None:
    """Each record once, and the counters say so."""
    _, database, sink, registry = made()
    sink.run()
    assert database.kept == list(range(6))
    assert registry.get_sample_value("loanstream_ledger_decisions_total") == 18
    assert registry.get_sample_value("loanstream_ledger_lag_records", {"topic": "audit"}) is not None


def test_a_database_that_refuses_is_asked_again_with_the_same_work() -> None:
    """Five failures lose nothing and store nothing twice."""
    _, database, sink, registry = made()
    database.fail = [LedgerUnavailable("locked")] * 5
    sink.run()
    assert database.kept == list(range(6))
    assert registry.get_sample_value("loanstream_ledger_store_failures_total") == 5


def test_a_sink_that_was_overtaken_reads_on_from_where_the_other_is() -> None:
    """What another sink stored is not stored again."""
    topic, database, sink, _ = made()
    sink.step()
    database.next_offset = 5  # the other one was quick
    sink.run()
    assert database.kept == [0, 1, 5]
    assert topic.went_to == [0, 5]


def test_a_broker_that_is_away_is_waited_for() -> None:
    """The loop outlives it."""
    topic, database, sink, _ = made()
    topic.fail = [DependencyUnavailable("away")] * 3
    sink.run()
    assert database.kept == list(range(6))


def test_offsets_that_were_gone_are_counted() -> None:
    """A gap is a number that an alert reads, not a line in a log alone."""
    topic, _, sink, registry = made()
    topic.skipped = 7
    sink.run()
    assert registry.get_sample_value("loanstream_ledger_gap_offsets_total") == 7
