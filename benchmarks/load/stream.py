"""Load on the stream: a process of its own sends applications by a schedule, decisions are read as they are committed.

Both sides are librdkafka, which costs a quarter of kafka-python's time for a record: on a machine that the driver
shares with what it measures, that is part of the figure. The id of an application ends with its number, so that the
decision leads back to the moment at which it was meant to be sent.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from benchmarks.load.figures import Measured, measured
from benchmarks.load.schedule import GRAIN_S, Schedule
from credit.application import FloatArray
from credit.errors import StackError
from streaming.feed import read_rows

_IDLE_S = 60.0
_ROWS = 2000


@dataclass(frozen=True, slots=True)
class StreamDoor:
    """Where applications go and decisions come from, and the table whose rows are sent in turn.

    security: what makes a librdkafka client speak to these brokers, nothing for plain text.
    """

    name: str
    bootstrap: str
    applications_topic: str
    decisions_topic: str
    table: Path
    security: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StreamRun:
    """What became of n applications: Unix seconds.

    begun: of the schedule; offsets: float64[n], when each was meant to be sent, from there; arrived: float64[n], when
    its decision could be read; late_s: how far the sender was behind at most.
    """

    begun: float
    offsets: FloatArray
    arrived: FloatArray
    late_s: float

    @property
    def latencies_s(self) -> FloatArray:
        """From the intended moment to the decision, float64[n]."""
        latencies: FloatArray = self.arrived - self.begun - self.offsets
        return latencies


@dataclass(frozen=True, slots=True)
class _Sent:
    """What the sender tells: Unix seconds at which its schedule began, and its greatest lateness."""

    begun: float
    late_s: float


def stream_load(door: StreamDoor, schedule: Schedule, label: str | None = None) -> Measured:
    """Send by the schedule and wait for every decision; raises StackError where no more of them come.

    The rate of arrivals that come all at once runs from the first decision to the last.
    """
    run = stream_run(door, schedule)
    begun = float(run.arrived.min()) if schedule.rate is None else run.begun
    elapsed = max(float(run.arrived.max()) - begun, 1e-9)
    return measured(
        door.name,
        label or str(schedule),
        run.latencies_s,
        elapsed,
        intended_s=schedule.offsets,
        late_s=run.late_s,
    )


def stream_run(door: StreamDoor, schedule: Schedule) -> StreamRun:
    """Send by the schedule and return when each decision came; StackError where no more of them come."""
    prefix = f"load{time.time_ns()}-"
    consumer = _at_the_end(door)
    try:
        with get_context("spawn").Pool(1) as pool:
            sending = pool.apply_async(_send, (door, schedule, prefix))
            arrived = _arrivals(consumer, prefix.encode(), schedule.count)
            sent = sending.get(_IDLE_S)
    finally:
        consumer.close()
    return StreamRun(sent.begun, schedule.offsets, arrived, sent.late_s)


def _at_the_end(door: StreamDoor) -> Any:
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer(
        {
            "bootstrap.servers": door.bootstrap,
            "group.id": "none",  # asked for, and not used: nothing is subscribed or committed
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": 5,
            "log_level": 4,
            **door.security,
        }
    )
    known = consumer.list_topics(door.decisions_topic, timeout=30.0).topics[door.decisions_topic]
    places = [TopicPartition(door.decisions_topic, number) for number in known.partitions]
    for place in places:
        # An offset and not a word: what is decided once this returns is not missed.
        place.offset = consumer.get_watermark_offsets(place, timeout=30.0)[1]
    consumer.assign(places)
    return consumer


def _arrivals(consumer: Any, prefix: bytes, count: int) -> FloatArray:
    """Return when each decision of a run came here: Unix seconds by number, float64[count]."""
    arrived = np.full(count, np.nan)
    missing, last = count, time.monotonic()
    while missing:
        records = consumer.consume(1000, 0.05)
        now = time.time()
        for record in records:
            key = record.key()
            if key is not None and key.startswith(prefix):
                number = int(key[len(prefix) :])
                missing -= bool(np.isnan(arrived[number]))
                arrived[number] = now
                last = time.monotonic()
        if time.monotonic() - last > _IDLE_S:
            raise StackError(f"{missing} of {count} applications are not decided, and none was for {_IDLE_S:.0f} s")
    return arrived


def _send(door: StreamDoor, schedule: Schedule, prefix: str) -> _Sent:
    """In a process of its own: send by the schedule; each says that it was submitted when it was meant to be."""
    from confluent_kafka import Producer

    rows = [orjson.dumps(row) for row in itertools.islice(read_rows(door.table), _ROWS)]
    offsets = schedule.offsets.tolist()
    # Five milliseconds are what Kafka's own producer waits for company since 4.0; they are in every latency.
    options = {"linger.ms": 5, "compression.type": "lz4", "queue.buffering.max.messages": 2_000_000, "log_level": 4}
    producer = Producer({"bootstrap.servers": door.bootstrap, **options, **door.security})
    producer.list_topics(door.applications_topic, timeout=30.0)
    begun = time.time()
    late = 0.0
    for number, offset in enumerate(offsets):
        ahead = begun + offset - time.time()
        if ahead > GRAIN_S:
            time.sleep(ahead)
        late = max(late, time.time() - begun - offset)
        name = f"{prefix}{number}".encode()
        at = datetime.fromtimestamp(begun + offset, UTC).isoformat(timespec="milliseconds").encode()
        row = rows[number % len(rows)]
        message = b'{"schema_version":1,"application_id":"%b","submitted_at":"%b","application":%b}' % (name, at, row)
        producer.produce(door.applications_topic, message, name)
    producer.flush(_IDLE_S)
    return _Sent(begun, 0.0 if schedule.rate is None else late)
