"""One micro-batch's transaction: steps 3 to 6 of the protocol that `streaming.gateway.session` states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from streaming.batch.publish import Outputs
from streaming.gateway.membership import GroupMetadata, generation_of
from streaming.gateway.pipeline import MicroBatch
from streaming.gateway.stats import LoopObserver
from streaming.kafka.doubt import DoubtCause, InDoubt
from streaming.kafka.group import to_commit


class TransactionClient(Protocol):
    """The producer, as the loop uses it; `streaming.kafka.transactions.TransactionalProducer` is one.

    Any exception from it means: close it and make a new one.
    """

    def learn(self, topics: list[str]) -> None: ...
    def begin(self) -> None: ...
    def send(
        self, topic: str, value: bytes | None, key: bytes | None = None, headers: list[tuple[str, bytes]] | None = None
    ) -> None: ...
    def flush(self) -> None: ...
    def add_offsets(self, offsets: Mapping[Any, Any], group: Any) -> None: ...
    def commit(self) -> bool: ...
    def close(self) -> None: ...


def commit(
    producer: TransactionClient, batch: MicroBatch, outputs: Outputs, group: GroupMetadata, observer: LoopObserver
) -> None:
    """Write a batch's outputs and its consumed offsets in one transaction.

    group: the consumer's metadata of this moment. Raises InDoubt where that is of another generation than the batch, or
    where anything else is not as it has to be: then nothing is repaired.
    """
    if outputs.decisions + outputs.dead_letters != batch.count:
        answers = f"{outputs.decisions} decisions and {outputs.dead_letters} letters"
        raise InDoubt(f"{batch.count} records gave {answers}", DoubtCause.GROUP)
    if generation_of(group) != batch.generation:
        raise InDoubt("the group moved on since the batch was read", DoubtCause.GROUP)
    offsets = to_commit(batch.offsets)
    with observer.phase("send"):
        producer.begin()
        for output in outputs.records:
            producer.send(output.topic, output.value, output.key, output.headers)
    with observer.phase("flush"):
        producer.flush()
    with observer.phase("offsets"):
        producer.add_offsets(offsets, group)
    with observer.phase("commit"):
        if producer.commit():
            observer.epoch_renewed()
    observer.committed(batch.count, outputs.decisions, outputs.dead_letters)
