"""The options that correctness depends on."""

from __future__ import annotations

from typing import Any

import kafka
import pytest
from kafka.coordinator.assignors.range import RangePartitionAssignor

from streaming.kafka.clients import group_consumer, reader
from streaming.kafka.security import KafkaSecurity
from streaming.settings import StreamingSettings


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the last consumer was made with; names that kafka-python does not know are refused as by itself."""
    known, options = set(kafka.KafkaConsumer.DEFAULT_CONFIG), dict[str, Any]()

    def consumer(**given: Any) -> object:
        assert set(given) <= known, set(given) - known
        options.update(given)
        return object()

    monkeypatch.setattr(kafka, "KafkaConsumer", consumer)
    return options


def test_the_group_s_consumer_commits_nothing_and_skips_nothing_by_itself(options: dict[str, Any]) -> None:
    """Committed records, no commit but in a transaction, no reset by policy, everything given up at a rebalance."""
    settings = StreamingSettings(bootstrap_servers="a:1,b:2", max_batch=7, session_timeout_s=6, heartbeat_s=2)
    group_consumer(settings, KafkaSecurity(), "me")
    assert options["bootstrap_servers"] == ["a:1", "b:2"]
    assert (options["isolation_level"], options["enable_auto_commit"]) == ("read_committed", False)
    assert options["auto_offset_reset"] == "none"
    assert options["partition_assignment_strategy"] == (RangePartitionAssignor,)
    assert (options["max_poll_records"], options["session_timeout_ms"], options["heartbeat_interval_ms"]) == (
        7,
        6000,
        2000,
    )
    assert options["request_timeout_ms"] >= options["session_timeout_ms"]


def test_a_reader_is_in_no_group_and_takes_its_users_options(options: dict[str, Any]) -> None:
    """Committed records from the beginning; what the user names comes before what is usual, and before security."""
    reader("a:1", KafkaSecurity(security_protocol="SSL"), max_poll_records=9)
    assert (options["isolation_level"], options["auto_offset_reset"]) == ("read_committed", "earliest")
    assert (options["max_poll_records"], options["security_protocol"]) == (9, "SSL")
    assert "group_id" not in options
