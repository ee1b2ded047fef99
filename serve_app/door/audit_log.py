"""Where the HTTP door leaves its audit records before it answers."""

from __future__ import annotations

from typing import Literal, Protocol

from credit.decision import DecisionBatch
from credit.errors import DependencyUnavailable
from credit.wire.audit import encode_audit


class AuditLog(Protocol):
    """The audit topic as the HTTP door sees it."""

    async def append(self, decisions: DecisionBatch) -> None:
        """Write the record of a micro-batch; returns once it is as safe as is asked, raises DependencyUnavailable."""


class RecordWriter(Protocol):
    """Who writes records; `streaming.kafka.acknowledged.AcknowledgedProducer` is one."""

    async def append(self, topic: str, value: bytes) -> None:
        """Write a record and wait until it is safe; raises DependencyUnavailable where it may not be."""

    def send(self, topic: str, value: bytes) -> None:
        """Hand a record over without waiting; raises DependencyUnavailable where no more can be taken."""


class NoAuditLog:
    """For a setting of `off`: decisions leave no trace. Never in a bank."""

    async def append(self, decisions: DecisionBatch) -> None:
        del decisions


class TopicAuditLog:
    """The audit topic: one record a micro-batch, whose acknowledgement all its requests share."""

    def __init__(self, writer: RecordWriter, topic: str, wait: Literal["acknowledged", "sent"]) -> None:
        self._writer, self._topic, self._wait = writer, topic, wait

    async def append(self, decisions: DecisionBatch) -> None:
        record = encode_audit(decisions, "http", [])
        if self._wait == "sent":
            self._writer.send(self._topic, record)
            return
        try:
            await self._writer.append(self._topic, record)
        except DependencyUnavailable as error:
            raise DependencyUnavailable(f"the audit record is not safe, so the answer is withheld; {error}") from None
