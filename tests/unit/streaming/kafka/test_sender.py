"""Sending outside transactions, over a hand-written producer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import kafka
import pytest
from kafka.errors import KafkaError, KafkaTimeoutError

from credit.errors import DependencyUnavailable
from streaming.kafka.sender import Sender


class Producer:
    """Fails as it is told: at once, later, or in the flush."""

    refuses: Exception | None = None
    flush_error: Exception | None = None
    last: Producer

    def __init__(self, **options: Any) -> None:
        self.options, self.sent, self.closed = options, list[Any](), False
        self.errbacks: list[Callable[[Exception], Any]] = []
        Producer.last = self

    def send(self, topic: str, **record: Any) -> Producer:
        if self.refuses is not None:
            raise self.refuses
        self.sent.append((topic, record))
        return self

    def add_errback(self, errback: Callable[[Exception], Any]) -> None:
        self.errbacks.append(errback)

    def flush(self, timeout: float) -> None:
        if self.flush_error is not None:
            raise self.flush_error

    def close(self, timeout: float) -> None:
        self.closed = True
        raise KafkaError("closing failed too")


@pytest.fixture(autouse=True)
def _producer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "KafkaProducer", Producer)


def test_records_are_sent_as_they_are_and_the_producer_is_closed() -> None:
    """Its options are the caller's; an error in closing hides nothing."""
    with Sender("a:1,b:2", linger_ms=7) as sender:
        sender.send("t", b"v", b"k", [("h", b"x")])
        sender.flush(1.0)
    producer = Producer.last
    assert producer.sent == [("t", {"value": b"v", "key": b"k", "headers": [("h", b"x")]})]
    assert (producer.options["bootstrap_servers"], producer.options["linger_ms"]) == (["a:1", "b:2"], 7)
    assert (sender.failure, producer.closed) == (None, True)


def test_the_first_failure_is_kept_whenever_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a record on its way, of one that is refused at once, and of a flush that takes too long."""
    with Sender("a:1") as sender:
        sender.send("t", b"1")
        monkeypatch.setattr(Producer, "refuses", KafkaError("too large"))
        sender.send("t", b"2")
        Producer.last.errbacks[0](KafkaError("late"))
        assert str(sender.failure) == "KafkaError: too large"
    monkeypatch.setattr(Producer, "refuses", None)
    monkeypatch.setattr(Producer, "flush_error", KafkaTimeoutError("too long"))
    with Sender("a:1") as sender:
        sender.send("t", b"1")
        sender.flush(0.1)
        assert isinstance(sender.failure, KafkaTimeoutError)


def test_no_broker_is_one_of_our_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the address that does not answer; what is not Kafka's error is not hidden."""

    def none(**_: Any) -> Any:
        raise KafkaError("no brokers")

    monkeypatch.setattr(kafka, "KafkaProducer", none)
    with pytest.raises(DependencyUnavailable, match="no Kafka at a:1"):
        Sender("a:1")
