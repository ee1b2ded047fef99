"""What is asked of the brokers' administration: whether they answer, and that topics exist."""

from __future__ import annotations

from typing import Any

from credit.errors import DependencyUnavailable
from streaming.kafka.topics import TopicSpec


def brokers_answer(bootstrap: str, timeout_s: float) -> bool:
    """Say whether a cluster answers at `bootstrap` within `timeout_s` seconds."""
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError

    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, bootstrap_timeout_ms=int(timeout_s * 1000))
    except (KafkaError, OSError):
        return False
    try:
        return bool(admin.describe_cluster())
    except (KafkaError, OSError):
        return False
    finally:
        admin.close()


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
