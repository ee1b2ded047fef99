"""The compacted topic of the log's signed heads."""

from __future__ import annotations

from typing import Any

from credit.errors import DependencyUnavailable

_TIMEOUT_S = 5.0


class KafkaHeadTopic:
    """A `ledger.transparency.keeper.HeadTopic`; connects at the first head."""

    def __init__(self, bootstrap: str, topic: str, security: dict[str, Any]) -> None:
        self._bootstrap, self._topic, self._security = bootstrap, topic, security
        self._producer: Any = None

    def publish(self, key: bytes, value: bytes) -> None:
        """Write one head; raises DependencyUnavailable where the brokers do not acknowledge it within seconds."""
        from kafka import KafkaProducer
        from kafka.errors import KafkaError

        try:
            if self._producer is None:
                self._producer = KafkaProducer(
                    bootstrap_servers=self._bootstrap.split(","), max_block_ms=int(_TIMEOUT_S * 1000), **self._security
                )
            self._producer.send(self._topic, value, key).get(_TIMEOUT_S)
        except KafkaError as error:
            self.close()
            raise DependencyUnavailable(f"{self._topic} did not take a head ({type(error).__name__})") from None

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._producer is not None:
            self._producer.close(timeout=1)
            self._producer = None
