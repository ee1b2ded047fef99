"""Reads what the stream answers, for the live view: decisions and dead letters as a committed reader sees them."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from credit.errors import DependencyUnavailable
from credit.wire.topics import Topics
from loanstream.demo.tally import Snapshot, Tally
from loanstream.intake.lag import LagProbe
from streaming.kafka.clients import reader
from streaming.kafka.reading import Positions
from streaming.kafka.security import KafkaSecurity

_LOOK_S = 1.0
_POLL_MS = 200


class StreamReader(threading.Thread):
    """Counts decisions, dead letters and applications from `start` on, and how far the gateway is behind.

    bootstrap: brokers; topics: their names; start: where they ended when the run began; group: the gateway's consumer
    group.
    """

    def __init__(self, bootstrap: str, topics: Topics, start: Positions, group: str) -> None:
        super().__init__(name="stream-reader", daemon=True)
        self._brokers = bootstrap
        self._topics = topics
        self._since = start
        self._group = group
        self._security = KafkaSecurity()
        self._stop_asked = threading.Event()
        self._dead_letters = 0
        self._applications = 0
        self._lag: int | None = None
        self.tally = Tally()
        self.failure: Exception | None = None

    def snapshot(self) -> Snapshot:
        """Return the counts so far; replicas are for others to add."""
        counted = self.tally.snapshot(time.time())
        # Applications are looked at each second, decisions all the time: what is answered has come in.
        came = max(self._applications, counted.decisions + self._dead_letters)
        return replace(counted, applications_in=came, dead_letters=self._dead_letters, lag=self._lag)

    def stop(self) -> None:
        """Stop reading and wait for the thread's end."""
        self._stop_asked.set()
        self.join(timeout=10)

    def run(self) -> None:
        looker = threading.Thread(target=self._look_loop, name="stream-lag", daemon=True)
        looker.start()
        try:
            self._read()
        except Exception as error:  # noqa: BLE001 - the view shows it; a thread has nobody to raise it to
            self.failure = error
        looker.join(timeout=10)

    def _read(self) -> None:
        from kafka import TopicPartition
        from pydantic_core import from_json

        client = reader(self._brokers, self._security, max_poll_records=2000)
        try:
            answers = (self._topics.decisions_topic, self._topics.dead_letters_topic)
            read = {TopicPartition(t, p): o for (t, p), o in self._since.at.items() if t in answers}
            client.assign(list(read))
            for partition, offset in read.items():
                client.seek(partition, offset)
            while not self._stop_asked.is_set():
                polled = client.poll(timeout_ms=_POLL_MS)
                now = time.time()
                for partition, records in polled.items():
                    if partition.topic == self._topics.decisions_topic:
                        self.tally.add([from_json(record.value or b"") for record in records], now)
                    elif partition.topic == self._topics.dead_letters_topic:
                        self._dead_letters += len(records)
        finally:
            client.close()

    def _look_loop(self) -> None:
        """Look each second how many applications there are and how far the gateway's group has come."""
        probe = LagProbe(self._brokers, self._topics.applications_topic, self._group)
        while not self._stop_asked.wait(_LOOK_S):
            try:
                ends, self._lag = probe.look()
                self._applications = sum(end - self._since.at.get(at, 0) for at, end in ends.items())
            except DependencyUnavailable:
                self._lag = None  # a broker that is away for a while: the view shows that it is not known
        probe.close()
