"""The stream of the incident: applications at a rate, over and over, hurt while asked for."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import orjson

from benchmarks.incident.forecast import Row, hurt
from credit.wire.application import encode_application
from credit.wire.topics import APPLICATIONS_TOPIC
from streaming.feed import envelope, read_rows
from streaming.kafka.security import KafkaSecurity

_MOST_ROWS = 50_000


class Applications:
    """A table's applications in random order, at most 50,000 of them.

    A table's own order is not the order in which people apply: neighbours are alike, and a stream of them drifts all by
    itself. They are held as JSON, a tenth of what the mappings take.
    """

    def __init__(self, table: Path, seed: int = 1) -> None:
        random = Random(seed)
        self._rows: list[bytes] = []
        for number, row in enumerate(read_rows(table)):
            packed = orjson.dumps(row)
            if len(self._rows) < _MOST_ROWS:
                self._rows.append(packed)
            elif (place := random.randrange(number + 1)) < _MOST_ROWS:
                self._rows[place] = packed
        random.shuffle(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return map(orjson.loads, self._rows)


class SpoiltIntake(threading.Thread):
    """Sends applications until ended; `rate` (a second) may change while it runs, `hurting` makes them worse."""

    def __init__(self, bootstrap: str, applications: Applications, rate: float) -> None:
        super().__init__(name="intake", daemon=True)
        self._brokers, self._applications = bootstrap, applications
        self.rate = rate
        self.hurting, self.ended = threading.Event(), threading.Event()
        self.sent = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        """Send until ended; what goes wrong is kept for the main thread."""
        from kafka import KafkaProducer

        failures: list[BaseException] = []
        try:
            producer = KafkaProducer(
                bootstrap_servers=self._brokers.split(","), linger_ms=5, **KafkaSecurity().client_options()
            )
            due = time.monotonic()
            for row, prefix in self._rows():
                if self.ended.wait(max(0.0, due - time.monotonic())):
                    break
                due = max(due, time.monotonic() - 1.0) + 1 / self.rate
                message = envelope(hurt(row, self.sent) if self.hurting.is_set() else row, prefix)
                key = message["application_id"].encode()
                producer.send(APPLICATIONS_TOPIC, encode_application(message), key=key).add_errback(failures.append)
                self.sent += 1
                if failures:
                    self.error = failures[0]
                    break
            producer.close(timeout=10)
        except Exception as error:  # noqa: BLE001 - the main thread tells of it
            self.error = error

    def stop(self) -> None:
        """End it; what was sent is on the topic then."""
        self.ended.set()
        if self.ident is not None:
            self.join(timeout=15)

    def _rows(self) -> Iterator[tuple[Row, str]]:
        run = int(time.time())
        for turn in itertools.count():
            for row in self._applications:
                yield row, f"incident-{run}-{turn}-"
