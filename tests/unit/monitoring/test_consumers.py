"""The monitor's Kafka consumers; what they read has integration tests."""

from __future__ import annotations

import pytest

from credit.errors import DependencyUnavailable
from monitoring.consumers import MonitorConsumers
from streaming.kafka.security import KafkaSecurity


def test_a_broker_that_is_away_is_named() -> None:
    """No broker behind the address ends in one line with it, within the time that further options allow."""
    consumers = MonitorConsumers("127.0.0.1:1", KafkaSecurity(), {"bootstrap_timeout_ms": 200})
    with pytest.raises(DependencyUnavailable, match=r"no Kafka broker at 127\.0\.0\.1:1"):
        consumers.audit("monitor", "earliest")
