"""How many applications wait for a decision, asked again and again over the same connections."""

from __future__ import annotations

import contextlib
from typing import Any

from credit.errors import DependencyUnavailable
from streaming.kafka.clients import reader
from streaming.kafka.security import KafkaSecurity

Ends = dict[tuple[str, int], int]


class LagProbe:
    """Looks at the applications topic's ends and at how far a consumer group has come; for one thread."""

    def __init__(self, bootstrap: str, topic: str, group: str) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._group = group
        self._security = KafkaSecurity()
        self._admin: Any = None
        self._client: Any = None

    def look(self) -> tuple[Ends, int]:
        """Return each partition's end, (topic, partition) -> next offset, and the applications not yet finished.

        A partition without a commit counts from its start. Raises DependencyUnavailable where no broker answers.
        """
        from kafka.errors import KafkaError

        try:
            self._connect()
            ends = self._ends()
            answered = self._admin.list_group_offsets({self._group: None})[self._group]
        except KafkaError as error:
            self.close()
            raise DependencyUnavailable(
                f"Kafka at {self._bootstrap} does not answer ({error}); is it running?"
            ) from None
        done = {(tp.topic, tp.partition): max(meta.offset, 0) for tp, meta in answered.items()}
        return ends, sum(max(0, end - done.get(at, 0)) for at, end in ends.items())

    def lag(self) -> int:
        """Return how many applications the group has not finished."""
        return self.look()[1]

    def close(self) -> None:
        """Close the connections; `look` opens new ones."""
        from kafka.errors import KafkaError

        for client in (self._admin, self._client):
            if client is not None:
                with contextlib.suppress(KafkaError):
                    client.close()
        self._admin = self._client = None

    def _connect(self) -> None:
        from kafka.admin import KafkaAdminClient

        options = self._security.client_options()
        self._admin = self._admin or KafkaAdminClient(bootstrap_servers=self._bootstrap.split(","), **options)
        self._client = self._client or reader(self._bootstrap, self._security)

    def _ends(self) -> Ends:
        from kafka import TopicPartition

        known = self._client.partitions_for_topic(self._topic) or ()
        ends = self._client.end_offsets([TopicPartition(self._topic, partition) for partition in known])
        return {(tp.topic, tp.partition): offset for tp, offset in ends.items()}
