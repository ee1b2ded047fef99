"""The monitor's Kafka consumers, all made here on top of the clients that every room shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from credit.errors import DependencyUnavailable
from streaming.kafka.clients import reader
from streaming.kafka.security import KafkaSecurity

_WATCH_CLIENT = "loanstream-monitor"
_COMPLETENESS_CLIENT = "loanstream-monitor-completeness"
_AUDIT_POLL_RECORDS = 40
# A watch polls for months: it may wait for a second on a quiet topic rather than ask ten times a second. A fetch is
# answered at the first record in any case.
_QUIET_FETCH_MS = 1000
# The audit topic gets a record for each micro-batch, hundreds a second over HTTP. A fetch for each would take the cores
# from the doors that write them: what is read here may be half a second old.
_AUDIT_FETCH_MS = 500
_AUDIT_FETCH_BYTES = 1024 * 1024


@dataclass(frozen=True)
class MonitorConsumers:
    """How the monitor reaches the brokers; each method makes a consumer for one purpose.

    bootstrap_servers: host:port with commas between; further: options of kafka-python's consumers that override ours.
    """

    bootstrap_servers: str
    security: KafkaSecurity
    further: Mapping[str, Any] = field(default_factory=dict)

    def audit(self, group_id: str, auto_offset_reset: str) -> Any:
        """Return the member of the monitors' group; DependencyUnavailable where no broker answers."""
        from kafka.errors import KafkaError

        try:
            return self._open(
                group_id=group_id,
                client_id=group_id,
                auto_offset_reset=auto_offset_reset,
                max_poll_records=_AUDIT_POLL_RECORDS,
                fetch_max_bytes=32 * 1024 * 1024,
                fetch_min_bytes=_AUDIT_FETCH_BYTES,
                fetch_max_wait_ms=_AUDIT_FETCH_MS,
                session_timeout_ms=10_000,
                heartbeat_interval_ms=2_000,
                # Whoever comes first, gateway or monitor, makes the topic where the brokers allow that.
                allow_auto_create_topics=True,
            )
        except KafkaError as error:
            raise DependencyUnavailable(
                f"no Kafka broker at {self.bootstrap_servers} ({error}); start it or set another"
            ) from None

    def group_offsets(self, group_id: str) -> Any:
        """Return a consumer that asks what a group has committed; it never subscribes nor polls, so it never joins."""
        # Uncommitted: what waits is told by the log's own end, whatever transaction is open at it.
        return self._open(group_id=group_id, client_id=_WATCH_CLIENT, isolation_level="read_uncommitted")

    def log_ends(self) -> Any:
        """Return a consumer that sees a log's own end, open transactions among it."""
        return self._open(client_id=_COMPLETENESS_CLIENT, isolation_level="read_uncommitted")

    def committed_records(self) -> Any:
        """Return a consumer that looks for single committed records, and so fetches little at a time."""
        return self._open(client_id=_COMPLETENESS_CLIENT, max_partition_fetch_bytes=256 * 1024)

    def side_topics(self) -> Any:
        """Return a consumer outside any group that reads whole topics."""
        return self._open(client_id=_WATCH_CLIENT)

    def _open(self, **options: Any) -> Any:
        quiet = {"fetch_max_wait_ms": _QUIET_FETCH_MS, "max_poll_records": 500}
        return reader(self.bootstrap_servers, self.security, **(quiet | options | dict(self.further)))
