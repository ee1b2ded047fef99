"""A producer outside any transaction, for what is complete or is made again: feeding, retries, replays."""

from __future__ import annotations

import contextlib
from types import TracebackType
from typing import Any, Self

from credit.errors import DependencyUnavailable
from streaming.kafka.security import KafkaSecurity


class Sender:
    """Sends records and keeps the first failure; leaving it as a context closes it, without sending anything more.

    options: of kafka-python's producer. Raises DependencyUnavailable where no broker answers.
    """

    def __init__(self, bootstrap: str, security: KafkaSecurity | None = None, **options: Any) -> None:
        from kafka import KafkaProducer
        from kafka.errors import KafkaError

        self._kafka_error: type[Exception] = KafkaError
        self._failures: list[Exception] = []
        try:
            self._producer: Any = KafkaProducer(
                bootstrap_servers=bootstrap.split(","),
                allow_auto_create_topics=False,
                metrics_enabled=False,
                **((security or KafkaSecurity()).client_options() | options),
            )
        except KafkaError as error:
            raise DependencyUnavailable(f"no Kafka at {bootstrap} ({error}); is the stack up?") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What it still holds then has been counted as failed, or nobody asked for it to be sent.
        with contextlib.suppress(self._kafka_error):
            self._producer.close(timeout=5)

    @property
    def failure(self) -> Exception | None:
        """Why the first record that was not acknowledged was not; None as long as there is none."""
        return self._failures[0] if self._failures else None

    def send(
        self, topic: str, value: bytes | None, key: bytes | None = None, headers: list[tuple[str, bytes]] | None = None
    ) -> None:
        """Put one record on its way; a failure, now or later, shows in `failure`."""
        try:
            self._producer.send(topic, value=value, key=key, headers=headers).add_errback(self._failures.append)
        except self._kafka_error as error:
            self._failures.append(error)

    def flush(self, timeout_s: float) -> None:
        """Wait until every record is acknowledged or has failed; where that takes longer, it is a failure too."""
        try:
            self._producer.flush(timeout=timeout_s)
        except self._kafka_error as error:
            self._failures.append(error)
