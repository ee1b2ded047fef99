"""Watches the applications topic from outside the gateways: what arrives, and how long the oldest has waited."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from credit.wire.topics import APPLICATIONS_TOPIC
from monitoring import metrics as m
from monitoring.exposition import MonitorMetrics
from monitoring.watches.lag import LagClock

log = logging.getLogger(__name__)


class IntakeOffsets(Protocol):
    """A consumer that asks for a topic's ends and for what the gateways have committed, by TopicPartition."""

    def partitions_for_topic(self, topic: str) -> set[int] | None: ...

    def end_offsets(self, partitions: list[Any]) -> dict[Any, int]: ...

    def beginning_offsets(self, partitions: list[Any]) -> dict[Any, int]: ...

    def committed(self, partition: Any) -> int | None: ...

    def close(self, autocommit: bool = True) -> None: ...


@dataclass(frozen=True, slots=True)
class IntakeLag:
    """How many applications wait to be decided, and for how many seconds the oldest of them has."""

    records: int
    seconds: float


class IntakeWatch(threading.Thread):
    """Looks every `every_s` seconds at the ends of the applications topic and at what the gateways have committed."""

    def __init__(
        self,
        open_group: Callable[[], IntakeOffsets],
        metrics: MonitorMetrics,
        topic: str = APPLICATIONS_TOPIC,
        every_s: float = 2.0,
    ) -> None:
        super().__init__(name="intake-watch", daemon=True)
        self._open_group, self._metrics, self._every_s = open_group, metrics, every_s
        self._topic = topic
        self._clocks: dict[int, LagClock] = {}
        self._ends: dict[int, int] = {}
        self._all_read: dict[Any, int] = {}
        self._ended = threading.Event()
        self.lag: IntakeLag | None = None

    def stop(self) -> None:
        """End the thread at its next look."""
        self._ended.set()

    def run(self) -> None:
        """Look until stopped; a broker that is away is tried again."""
        consumer: IntakeOffsets | None = None
        while not self._ended.wait(self._every_s):
            try:
                if consumer is None:
                    consumer = self._open_group()
                self.look(consumer)
            except Exception as error:  # noqa: BLE001 - a watch must outlive whatever the client raises
                log.warning("looking at %s: %s", self._topic, error)
                consumer, self._all_read = None, {}
        if consumer is not None:
            consumer.close(autocommit=False)

    def look(self, consumer: IntakeOffsets) -> None:
        """Ask for the offsets and set the gauges."""
        from kafka import TopicPartition

        partitions = consumer.partitions_for_topic(self._topic) or set()
        places = [TopicPartition(self._topic, number) for number in sorted(partitions)]
        if not places:
            return
        ends = consumer.end_offsets(places)
        if ends == self._all_read:
            return  # nothing has come since nothing waited: one question to the broker instead of six
        begins = consumer.beginning_offsets(places)
        committed = {tp: consumer.committed(tp) for tp in places}
        self.note({tp.partition: (begins[tp], ends[tp], committed[tp]) for tp in places}, time.time())
        waits = any((committed[tp] or begins[tp]) < ends[tp] for tp in places)
        self._all_read = {} if waits else ends

    def note(self, partitions: dict[int, tuple[int, int, int | None]], now_s: float) -> None:
        """Set the gauges from (begin, end, committed) offsets by partition; committed None where nothing is."""
        lag_s, waiting = 0.0, 0
        for number, (begin, end, committed) in partitions.items():
            read = max(begin, committed if committed is not None else begin)
            clock = self._clocks.setdefault(number, LagClock())
            clock.observe(now_s, end)
            lag_s = max(lag_s, clock.lag_s(now_s, read))
            waiting += max(end - read, 0)
            arrived = end - self._ends.get(number, end)
            self._ends[number] = end
            self._metrics.applications.inc(max(arrived, 0))
        self.lag = IntakeLag(waiting, lag_s)
        self._metrics.computed.replace("intake", {m.INTAKE_LAG_S: [({}, lag_s)], m.INTAKE_LAG: [({}, float(waiting))]})
