"""Where the HTTP door leaves its audit records before it answers."""

from __future__ import annotations

import asyncio
from typing import Any, Literal, Protocol

from credit.errors import DependencyUnavailable


class AuditLog(Protocol):
    """The audit topic as the HTTP door sees it."""

    async def append(self, record: bytes) -> None:
        """Write a record; returns once it is as safe as the settings ask, raises DependencyUnavailable else."""


class NoAuditLog:
    """For a setting of `off`: decisions leave no trace. Never in a bank."""

    async def append(self, record: bytes) -> None:
        del record


class KafkaAuditLog:
    """The audit topic in Kafka, idempotent and with acks from all replicas."""

    def __init__(
        self,
        bootstrap: str,
        topic: str,
        wait: Literal["acknowledged", "sent"],
        client_options: dict[str, Any] | None = None,
        timeout_s: float = 5.0,
    ) -> None:
        self._bootstrap, self._topic, self._wait, self._timeout_s = bootstrap, topic, wait, timeout_s
        self._client_options = client_options or {}
        self._producer: Any = None

    def _send(self, record: bytes) -> Any:
        from kafka import KafkaProducer

        if self._producer is None:
            self._producer = KafkaProducer(
                **self._client_options,
                bootstrap_servers=self._bootstrap.split(","),
                acks="all",
                compression_type=None,  # the record is compressed already
                linger_ms=0,
                max_block_ms=int(self._timeout_s * 1000),
                max_request_size=8 * 1024 * 1024,
            )
        return self._producer.send(self._topic, record)

    async def append(self, record: bytes) -> None:
        from kafka.errors import KafkaError

        loop = asyncio.get_running_loop()
        try:
            # The first send connects and may block, so sending has no business on the loop.
            future = await loop.run_in_executor(None, self._send, record)
            if self._wait == "acknowledged":
                acknowledged: asyncio.Future[None] = loop.create_future()
                future.add_callback(lambda _: loop.call_soon_threadsafe(_resolve, acknowledged, None))
                future.add_errback(lambda error: loop.call_soon_threadsafe(_resolve, acknowledged, error))
                await asyncio.wait_for(acknowledged, self._timeout_s)
        except (KafkaError, TimeoutError) as error:
            raise DependencyUnavailable(
                f"the audit record was not acknowledged ({type(error).__name__}), so the answer is withheld; try again"
            ) from None


def _resolve(future: asyncio.Future[None], error: BaseException | None) -> None:
    if not future.done():
        future.set_result(None) if error is None else future.set_exception(error)
