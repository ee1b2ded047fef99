"""Decisions of one run as a reader of committed records gets them, for the benchmarks that measure time to decision."""

from __future__ import annotations

import json
import threading
import time

from credit.wire.topics import DECISIONS_TOPIC
from streaming.kafka.clients import reader


class DecisionReader(threading.Thread):
    """Reads decisions as they are committed and keeps when each of one run was submitted and arrived here.

    prefix: of the run's application ids; arrived: Unix seconds by key, submitted: milliseconds by key.
    """

    def __init__(self, bootstrap: str, prefix: str) -> None:
        super().__init__(daemon=True)
        self._brokers, self._prefix = bootstrap, prefix.encode()
        self._ended = threading.Event()
        self._listening = threading.Event()
        self.arrived: dict[bytes, float] = {}
        self.submitted: dict[bytes, int] = {}

    def listen(self, timeout_s: float = 30.0) -> None:
        """Start; what is decided once this returns is not missed. Raises TimeoutError without a broker."""
        self.start()
        if not self._listening.wait(timeout_s):
            raise TimeoutError(f"no Kafka at {self._brokers}; is the stack up?")

    def run(self) -> None:
        from kafka import TopicPartition

        consumer = reader(self._brokers)
        places = [TopicPartition(DECISIONS_TOPIC, p) for p in consumer.partitions_for_topic(DECISIONS_TOPIC) or ()]
        consumer.assign(places)
        consumer.seek_to_end(*places)
        for place in places:
            consumer.position(place)
        self._listening.set()
        while not self._ended.is_set():
            polled = consumer.poll(timeout_ms=50)
            now = time.time()
            for records in polled.values():
                for record in records:
                    if record.key and record.value and record.key.startswith(self._prefix):
                        self.submitted[record.key] = json.loads(record.value)["submitted_at"]
                        self.arrived[record.key] = now
        consumer.close(autocommit=False)

    def stop(self) -> None:
        """End the reading."""
        self._ended.set()
        self.join(timeout=10)
