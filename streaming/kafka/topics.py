"""The topics, with retention, compaction and sizes written down rather than left to the brokers' defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from credit.errors import DependencyUnavailable
from credit.wire.topics import Topics
from streaming.settings import MEBIBYTE

_DAY_MS = 24 * 3600 * 1000
REPLAY_TOPIC_PREFIX = "loan-replay-"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic: how long it keeps its records and how large one may be.

    retention_days -1 keeps them for ever; keyed topics that are compacted keep the last record of each key.
    """

    name: str
    retention_days: int
    max_message_bytes: int = MEBIBYTE
    compacted: bool = False

    def config(self, replication: int) -> dict[str, str]:
        retention = -1 if self.retention_days < 0 else self.retention_days * _DAY_MS
        return {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": str(retention),
            "max.message.bytes": str(self.max_message_bytes),
            "min.insync.replicas": str(max(1, replication - 1)),
            "unclean.leader.election.enable": "false",
        }


def standard_topics(topics: Topics) -> list[TopicSpec]:
    """Return the project's topics, by the names that these settings give them.

    Applications are kept a month, so that any gap can be decided again; decisions and dead letters a year; the audit
    record for ever, as it is the proof, and a challenger's answers with it. A dead letter must hold whatever the
    applications topic took, and an audit record a whole micro-batch.
    """
    return [
        TopicSpec(topics.applications_topic, retention_days=30),
        TopicSpec(topics.decisions_topic, retention_days=365),
        TopicSpec(topics.audit_topic, retention_days=-1, max_message_bytes=16 * MEBIBYTE),
        TopicSpec(topics.dead_letters_topic, retention_days=365, max_message_bytes=2 * MEBIBYTE),
        TopicSpec(topics.outcomes_topic, retention_days=-1, compacted=True),
        TopicSpec(topics.shadow_topic, retention_days=-1, max_message_bytes=16 * MEBIBYTE),
    ]


def ensure_topics(
    bootstrap: str,
    partitions: int,
    replication: int = 1,
    *,
    specs: list[TopicSpec],
    security: dict[str, Any] | None = None,
    timeout_s: float = 30.0,
) -> None:
    """Create the topics that do not exist yet; those that do are left as they are.

    bootstrap: host:port with commas between; partitions: of each new topic; security: `KafkaSecurity.client_options()`.
    Raises DependencyUnavailable where no broker answers.
    """
    from kafka.admin import KafkaAdminClient, NewTopic
    from kafka.errors import KafkaError, TopicAlreadyExistsError

    try:
        admin = KafkaAdminClient(
            bootstrap_servers=bootstrap.split(","), bootstrap_timeout_ms=int(timeout_s * 1000), **(security or {})
        )
        try:
            existing = set(admin.list_topics())
            for spec in specs:
                if spec.name in existing:
                    continue
                new = NewTopic(
                    spec.name,
                    num_partitions=partitions,
                    replication_factor=replication,
                    topic_configs=spec.config(replication),
                )
                try:
                    admin.create_topics([new], timeout_ms=int(timeout_s * 1000))
                except TopicAlreadyExistsError:
                    continue  # another process was quicker, which is what we wanted
        finally:
            admin.close()
    except KafkaError as error:
        raise DependencyUnavailable(f"Kafka at {bootstrap} did not take the topics ({error}); is it running?") from None
