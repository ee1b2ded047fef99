"""Where the HTTP door's audit records go."""

from __future__ import annotations

import asyncio
from typing import Any

import kafka
import pytest

from serve_app.replicas.http import _audit_log
from serve_app.settings import ServingSettings


class Sent:
    """An acknowledged record."""

    def add_callback(self, call: Any) -> None:
        call(None)

    def add_errback(self, call: Any) -> None:
        pass


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """What was sent, by a client that speaks to no broker."""
    records: list[tuple[str, bytes]] = []

    class Producer:
        def __init__(self, **_: Any) -> None:
            pass

        def send(self, topic: str, value: bytes) -> Sent:
            records.append((topic, value))
            return Sent()

    monkeypatch.setattr(kafka, "KafkaProducer", Producer)
    return records


def test_the_http_door_audits_to_the_topic_that_is_set(
    monkeypatch: pytest.MonkeyPatch, sent: list[tuple[str, bytes]]
) -> None:
    """An operator who renames the audit topic finds the HTTP door's records there too, where the monitor reads."""
    monkeypatch.setenv("LOANSTREAM_KAFKA_AUDIT_TOPIC", "bank.audit")
    settings = ServingSettings(bootstrap="127.0.0.1:1")
    asyncio.run(_audit_log(settings, {}).append(b"record"))
    assert sent == [("bank.audit", b"record")]
