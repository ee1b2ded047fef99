"""Records written from an event loop, each known to be safe before its writer goes on; by librdkafka.

kafka-python's sender is a thread of Python: its turns cost a waiting event loop milliseconds. librdkafka's threads need
no interpreter, and the record that waits for one acknowledgement is sent while others come: they share the next one.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from credit.errors import DependencyUnavailable
from streaming.kafka.security import KafkaSecurity

_POLL_S = 1.0


class AcknowledgedProducer:
    """An idempotent producer with acks of all replicas; `append` may be called from any event loop."""

    def __init__(self, bootstrap: str, security: KafkaSecurity, timeout_s: float, max_bytes: int) -> None:
        self._config = {
            "bootstrap.servers": bootstrap,
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 0,
            "delivery.timeout.ms": int(timeout_s * 1000),
            "message.max.bytes": max_bytes,
            "allow.auto.create.topics": False,
            "log_level": 4,
            **security.librdkafka_options(),
        }
        self._timeout_s = timeout_s
        self._producer: Any = None
        self._stop = threading.Event()

    async def append(self, topic: str, value: bytes) -> None:
        """Write a record and wait until it is safe; raises DependencyUnavailable where it may not be."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._send(topic, value, written)
        try:
            await asyncio.wait_for(written, self._timeout_s + 1.0)
        except TimeoutError:
            raise DependencyUnavailable(
                f"{topic} did not acknowledge a record within {self._timeout_s:.0f} s"
            ) from None

    def send(self, topic: str, value: bytes) -> None:
        """Hand a record over without waiting; raises DependencyUnavailable where no more can be taken."""
        self._send(topic, value, None)

    def close(self, timeout_s: float = 5.0) -> None:
        """Wait for what was sent, and end the thread."""
        self._stop.set()
        if self._producer is not None:
            self._producer.flush(timeout_s)

    def _send(self, topic: str, value: bytes, written: asyncio.Future[None] | None) -> None:
        from confluent_kafka import KafkaException

        loop = written.get_loop() if written is not None else None

        def delivered(error: Any, _: Any) -> None:
            if loop is not None and written is not None and not loop.is_closed():
                loop.call_soon_threadsafe(_settle, written, topic, error)

        try:
            self._connected().produce(topic, value, on_delivery=delivered)
        except (KafkaException, BufferError) as error:
            raise DependencyUnavailable(f"{topic} takes no record: {error}") from None

    def _connected(self) -> Any:
        if self._producer is None:
            from confluent_kafka import Producer

            self._producer = Producer(self._config)
            threading.Thread(target=self._hear, name="acknowledgements", daemon=True).start()
        return self._producer

    def _hear(self) -> None:
        while not self._stop.is_set():
            self._producer.poll(_POLL_S)


def _settle(written: asyncio.Future[None], topic: str, error: Any) -> None:
    if written.done():
        return
    if error is None:
        written.set_result(None)
    else:
        written.set_exception(DependencyUnavailable(f"{topic} did not acknowledge a record: {error.str()}"))
