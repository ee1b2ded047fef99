"""What is asked of the brokers' administration: whether they answer, and that topics exist."""

from __future__ import annotations

from typing import Any

from credit.errors import DependencyUnavailable
from streaming.kafka.security import KafkaSecurity
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


def group_offsets(bootstrap: str, group: str, topic: str, security: KafkaSecurity | None = None) -> dict[int, int]:
    """Return partition -> next offset of a topic as a group has committed it, all as of one request.

    A partition of which it has committed nothing is not there. Raises DependencyUnavailable where no broker answers.
    """
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError

    try:
        admin = KafkaAdminClient(
            bootstrap_servers=bootstrap.split(","), **(security or KafkaSecurity()).client_options()
        )
        try:
            offsets = admin.list_group_offsets({group: None})[group]
        finally:
            admin.close()
    except KafkaError as error:
        raise DependencyUnavailable(f"Kafka at {bootstrap} does not answer ({error}); is it running?") from None
    return {tp.partition: at.offset for tp, at in sorted(offsets.items()) if tp.topic == topic}


def group_is_stable(bootstrap: str, group: str, security: KafkaSecurity | None = None) -> bool:
    """Say whether a group has members and each has its partitions; False too where no broker answers."""
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError

    try:
        admin = KafkaAdminClient(
            bootstrap_servers=bootstrap.split(","), **(security or KafkaSecurity()).client_options()
        )
        try:
            described = admin.describe_groups([group])[group]
        finally:
            admin.close()
    except KafkaError:
        return False
    return str(described["group_state"]) == "Stable"


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
