"""Reading the outcomes and the shadow topic, on a consumer by hand."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from prometheus_client import CollectorRegistry

from monitoring.exposition import MonitorMetrics
from monitoring.outcomes.label_store import LabelStore
from monitoring.outcomes.side_topics import SideTopics, outcome_taker


class FakeTopics:
    """Topics of one partition each, outside any group."""

    def __init__(self, values: dict[str, list[bytes]]) -> None:
        self._values = values
        self._at: dict[Any, int] = {}
        self.closed = False

    def topics(self) -> set[str]:
        return set(self._values)

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return {0} if topic in self._values else None

    def assignment(self) -> set[Any]:
        return set(self._at)

    def assign(self, partitions: list[Any]) -> None:
        self._at = dict.fromkeys(partitions, 0)

    def seek(self, partition: Any, offset: int) -> None:
        self._at[partition] = offset

    def poll(self, timeout_ms: int, max_records: int | None = None) -> dict[Any, list[Any]]:
        polled = {}
        for place, at in self._at.items():
            values = self._values[place.topic][at:]
            polled[place] = [SimpleNamespace(offset=at + i, value=value) for i, value in enumerate(values)]
            self._at[place] = at + len(values)
        return polled

    def close(self, autocommit: bool = True) -> None:
        self.closed = True


class Taker:
    """Takes one topic's values into the store's offsets."""

    def __init__(self, store: LabelStore) -> None:
        self._store, self.values = store, list[bytes | None]()
        self.came = threading.Event()

    def __call__(self, values: Sequence[bytes | None], offsets: dict[str, int]) -> None:
        self.values += values
        self._store.add_outcomes([], offsets)
        self.came.set()


def read(store: LabelStore, values: dict[str, list[bytes]]) -> list[bytes | None]:
    """Run the thread until something came, and return it."""
    consumer, taker = FakeTopics(values), Taker(store)
    side = SideTopics(lambda: consumer, store, {"loan-outcomes": taker, "not-made-yet": taker}, poll_ms=1)
    side.start()
    assert taker.came.wait(30)
    side.stop()
    side.join(30)
    assert consumer.closed
    return taker.values


def test_it_goes_on_behind_what_the_store_has(tmp_path: Path) -> None:
    """A topic that does not exist yet is passed over; what was read before a stop is not read again."""
    store = LabelStore(tmp_path / "labels.db")
    assert read(store, {"loan-outcomes": [b"1", b"2"]}) == [b"1", b"2"]
    assert store.offset("loan-outcomes-0") == 2
    assert read(store, {"loan-outcomes": [b"1", b"2", b"3"]}) == [b"3"]


def test_a_broker_that_is_away_is_tried_again(tmp_path: Path) -> None:
    """An error ends neither the thread nor the reading."""
    store = LabelStore(tmp_path / "labels.db")
    consumer, taker, tries = FakeTopics({"loan-outcomes": [b"1"]}), Taker(store), list[int]()

    def opened() -> FakeTopics:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("no broker")
        return consumer

    side = SideTopics(opened, store, {"loan-outcomes": taker}, poll_ms=1, retry_s=0.01)
    side.start()
    assert taker.came.wait(30)
    side.stop()
    side.join(30)
    assert taker.values == [b"1"]


def test_what_is_no_outcome_is_counted_and_the_offset_moves(tmp_path: Path) -> None:
    """A bad message neither stops the good ones nor is read for ever."""
    store, metrics = LabelStore(tmp_path / "labels.db"), MonitorMetrics(CollectorRegistry())
    take = outcome_taker(store, metrics)
    take([b'{"application_id": "A1", "defaulted": 1}', b"?", None], {"loan-outcomes-0": 3})
    assert metrics.registry.get_sample_value("loanstream_monitor_unreadable_outcomes_total") == 2.0
    assert store.offset("loan-outcomes-0") == 3
