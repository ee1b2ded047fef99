"""kafka-python's consumers, made in one place with the options that correctness depends on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streaming.kafka.security import KafkaSecurity
from streaming.settings import StreamingSettings


def group_consumer(settings: StreamingSettings, security: KafkaSecurity, client_id: str) -> Any:
    """Return a consumer of the gateway's group; not subscribed yet. Make it in a plain thread."""
    from kafka import KafkaConsumer
    from kafka.coordinator.assignors.range import RangePartitionAssignor

    return KafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers.split(","),
        client_id=client_id,
        group_id=settings.group_id,
        # Besides hiding aborted input, this makes the group wait for a predecessor's transaction before it hands out
        # its offsets (KIP-447): without it a partition that moves could be read from an offset about to change.
        isolation_level="read_committed",
        enable_auto_commit=False,
        # A reset by policy would skip or repeat records without a word; the loop decides, and says so.
        auto_offset_reset="none",
        # Eager: at a rebalance everything is given up and read again from the committed offsets.
        partition_assignment_strategy=(RangePartitionAssignor,),
        max_poll_records=settings.max_batch,
        max_poll_interval_ms=int(settings.max_poll_interval_s * 1000),
        session_timeout_ms=int(settings.session_timeout_s * 1000),
        heartbeat_interval_ms=int(settings.heartbeat_s * 1000),
        request_timeout_ms=int(max(settings.session_timeout_s, settings.transaction_timeout_s) * 1000),
        reconnect_backoff_max_ms=1000,
        bootstrap_timeout_ms=int(settings.start_timeout_s * 1000),
        allow_auto_create_topics=False,
        metrics_enabled=False,
        **security.client_options(),
    )


def rebalance_listener(on_moved: Callable[[], None]) -> Any:
    """Return a listener that calls `on_moved` at whatever a rebalance takes or gives, inside the poll that notices."""
    from kafka import ConsumerRebalanceListener

    class Listener(ConsumerRebalanceListener):  # type: ignore[misc]
        def on_partitions_revoked(self, _: Any) -> None:
            on_moved()

        def on_partitions_lost(self, _: Any) -> None:
            on_moved()

        def on_partitions_assigned(self, _: Any) -> None:
            on_moved()

    return Listener()


def reader(bootstrap: str, security: KafkaSecurity | None = None, **options: Any) -> Any:
    """Return a consumer outside any group that sees committed records only; assign its partitions yourself."""
    from kafka import KafkaConsumer

    defaults: dict[str, Any] = {
        "bootstrap_servers": bootstrap.split(","),
        "isolation_level": "read_committed",
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "max_poll_records": 5000,
        "fetch_max_wait_ms": 100,
        "reconnect_backoff_max_ms": 1000,
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
    }
    return KafkaConsumer(**(defaults | (security or KafkaSecurity()).client_options() | options))
