"""Where the HTTP door's audit records go."""

from __future__ import annotations

import asyncio

import pytest

from credit.errors import DependencyUnavailable
from credit.wire.audit import decode_audit
from serve_app.door.audit_log import TopicAuditLog
from tests.fixtures.decisions import decision_batch


class Writer:
    """Keeps records; `away` refuses them."""

    def __init__(self, away: bool = False) -> None:
        self.away = away
        self.acknowledged: list[tuple[str, bytes]] = []
        self.sent: list[tuple[str, bytes]] = []

    async def append(self, topic: str, value: bytes) -> None:
        if self.away:
            raise DependencyUnavailable("no broker answers")
        self.acknowledged.append((topic, value))

    def send(self, topic: str, value: bytes) -> None:
        self.sent.append((topic, value))


def test_a_record_is_waited_for_or_not_as_the_setting_says() -> None:
    """`acknowledged` waits for the brokers, `sent` does not; both write the door's record to the topic that is set."""
    writer, decisions = Writer(), decision_batch(3)
    asyncio.run(TopicAuditLog(writer, "bank.audit", "acknowledged").append(decisions))
    asyncio.run(TopicAuditLog(writer, "bank.audit", "sent").append(decisions))
    ((topic, value),) = writer.acknowledged
    assert writer.sent == [(topic, value)]
    record = decode_audit(value)
    assert (topic, record.header["door"], record.decision_ids) == ("bank.audit", "http", decisions.decision_ids)


def test_without_an_acknowledgement_the_answer_is_withheld() -> None:
    """The error says so, and that it may pass."""
    log = TopicAuditLog(Writer(away=True), "bank.audit", "acknowledged")
    with pytest.raises(DependencyUnavailable, match="withheld; no broker answers"):
        asyncio.run(log.append(decision_batch(1)))
