"""A producer's epochs against a real broker: fenced by another, and run out."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from kafka.errors import InvalidProducerIdMappingError, ProducerFencedError, for_code
from kafka.protocol.producer import EndTxnRequest, EndTxnResponse, InitProducerIdRequest, InitProducerIdResponse

from streaming.kafka.security import KafkaSecurity
from streaming.kafka.transactions import TransactionalProducer
from tests.fixtures.broker import Stream

pytestmark = pytest.mark.integration

LAST_EPOCH = 32_766
_AT_ONCE = 64


class Wire:
    """Kafka's protocol by hand, many requests under way at once: for what a client never does."""

    def __init__(self, bootstrap: str) -> None:
        host, port = bootstrap.split(":")
        self._socket = socket.create_connection((host, int(port)), timeout=60)
        self._file = self._socket.makefile("rb")

    def ask(self, requests: list[Any], response: Any, version: int) -> list[Any]:
        """Send the requests together and return their answers, in order."""
        for request in requests:
            request.API_VERSION = version
            request.with_header(correlation_id=1, client_id="wire")
        self._socket.sendall(b"".join(bytes(request.encode(header=True, framed=True)) for request in requests))
        return [response.decode(self._frame(), version=version, header=True) for _ in requests]

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self._socket.close()

    def _frame(self) -> bytes:
        return self._file.read(int.from_bytes(self._file.read(4)))


def send_one(producer: TransactionalProducer, stream: Stream) -> None:
    producer.begin()
    producer.send(stream.settings.decisions_topic, b"{}", key=b"k")
    producer.flush()
    assert producer.commit() is False


def test_a_fenced_producer_gets_neither_a_commit_nor_a_new_epoch(stream: Stream) -> None:
    """Another producer of the id ended its transaction: it can neither commit nor bump, and takes no epoch back."""
    first = TransactionalProducer(stream.settings, KafkaSecurity(), "one-id")
    first.begin()
    first.send(stream.settings.decisions_topic, b"{}", key=b"k")
    first.flush()
    second = TransactionalProducer(stream.settings, KafkaSecurity(), "one-id")
    idle = TransactionalProducer(stream.settings, KafkaSecurity(), "another-id")
    its_successor = TransactionalProducer(stream.settings, KafkaSecurity(), "another-id")
    try:
        with pytest.raises(ProducerFencedError):
            first.commit()
        with pytest.raises(ProducerFencedError):
            idle._epochs.renew()
        its_successor._epochs.renew()
        second.begin()
        second.send(stream.settings.decisions_topic, b"{}", key=b"k")
        second.flush()
        assert second.commit() is False
    finally:
        for producer in (first, second, idle, its_successor):
            producer.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_last_epoch_of_a_producer_id_is_followed_by_another_id(broker: str, stream: Stream) -> None:
    """Epoch 32,766 commits like any other; the one after it is epoch 0 of another id, and the old id is refused."""
    wire = Wire(broker)
    try:
        epoch = -1
        while epoch < LAST_EPOCH - 1:
            count = min(_AT_ONCE, LAST_EPOCH - 1 - epoch)
            asked = [
                InitProducerIdRequest(
                    transactional_id="worn", transaction_timeout_ms=10_000, producer_id=-1, producer_epoch=-1
                )
                for _ in range(count)
            ]
            epoch = max(answer.producer_epoch for answer in wire.ask(asked, InitProducerIdResponse, 4))
        producer = TransactionalProducer(stream.settings, KafkaSecurity(), "worn")
        try:
            worn, last = producer._epochs.identity
            assert last == LAST_EPOCH
            send_one(producer, stream)
            producer._epochs.renew()
            new, first = producer._epochs.identity
            assert first == 0
            assert new != worn
            send_one(producer, stream)
            late = EndTxnRequest(transactional_id="worn", producer_id=worn, producer_epoch=last, committed=True)
            (answer,) = wire.ask([late], EndTxnResponse, 3)
            assert for_code(answer.error_code) in (InvalidProducerIdMappingError, ProducerFencedError)
        finally:
            producer.close()
    finally:
        wire.close()
