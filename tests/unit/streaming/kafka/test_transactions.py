"""The bounded transactional client, over a hand-written stand-in for kafka-python's parts."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from streaming.kafka.doubt import InDoubt
from streaming.kafka.epochs import EpochGuard
from streaming.kafka.transactions import TransactionalProducer
from streaming.settings import StreamingSettings


class Result:
    def __init__(self, answered: bool = True) -> None:
        self.answered = answered

    def wait(self, timeout_ms: float) -> bool:
        assert timeout_ms > 0
        return self.answered


class Future:
    def __init__(self, done: bool = True, failed: bool = False) -> None:
        self.is_done, self._failed = done, failed
        self.exception = TimeoutError("expired") if failed else None

    def failed(self) -> bool:
        return self._failed


class Kafka:
    """What `TransactionalProducer` uses of kafka-python, all going well until told otherwise."""

    def __init__(self) -> None:
        self.epoch, self.calls = 0, []
        self.next_future = Future()
        self.offsets_result = self.commit_result = Result()
        self._transaction_started = True
        client = SimpleNamespace(send=lambda *_: None)
        self._sender = SimpleNamespace(
            _client=client, wakeup=lambda: None, force_close=lambda: None, join=lambda _: None
        )
        self._transaction_manager = self

    @property
    def producer_id_and_epoch(self) -> Any:
        return SimpleNamespace(producer_id=7, epoch=self.epoch)

    def begin_transaction(self) -> None:
        self.calls.append("begin")

    def send(self, *_: Any, **__: Any) -> Future:
        return self.next_future

    def flush(self, timeout: float) -> None:
        self.calls.append("flush")

    def send_offsets_to_transaction(self, *_: Any) -> Result:
        self.calls.append("offsets")
        return self.offsets_result

    def begin_commit(self) -> Result:
        self.calls.append("commit")
        return self.commit_result


GROUP = SimpleNamespace(generation_id=3, member_id="m")


def producer_over(kafka: Kafka) -> TransactionalProducer:
    producer = TransactionalProducer.__new__(TransactionalProducer)
    producer._settings = StreamingSettings()
    producer._futures, producer._began, producer._identity = [], 0.0, (-1, -1)
    producer._producer = producer._manager = kafka
    producer._sender = kafka._sender
    producer._epochs = EpochGuard(kafka, kafka._sender, 1.0)
    return producer


def whole(producer: TransactionalProducer, group: Any = GROUP) -> None:
    producer.begin()
    producer.send("t", b"v")
    producer.flush()
    producer.add_offsets({}, group)
    producer.commit()


def test_the_order_is_flush_then_offsets_then_commit() -> None:
    """Offsets join the transaction only after every record is known to be written."""
    kafka = Kafka()
    whole(producer_over(kafka))
    assert kafka.calls == ["begin", "flush", "offsets", "commit"]


@pytest.mark.parametrize("future", [Future(failed=True), Future(done=False)])
def test_a_record_that_was_not_written_keeps_the_offsets_out(future: Future) -> None:
    """kafka-python's flush succeeds with failed futures: no offset and no commit may follow."""
    kafka = Kafka()
    kafka.next_future = future
    with pytest.raises(InDoubt):
        whole(producer_over(kafka))
    assert kafka.calls == ["begin", "flush"]


def test_a_new_epoch_under_an_open_transaction_is_doubt() -> None:
    """After the broker timed a transaction out kafka-python goes on with a new epoch, and its commit says OK."""
    kafka = Kafka()
    producer = producer_over(kafka)
    producer.begin()
    kafka.epoch = 1
    with pytest.raises(InDoubt, match="epoch"):
        producer.add_offsets({}, GROUP)
    with pytest.raises(InDoubt, match="epoch"):
        producer.commit()
    assert "commit" not in kafka.calls


def test_a_transaction_the_broker_does_not_have_is_not_committed() -> None:
    """With nothing added, kafka-python ends a transaction without asking the broker."""
    kafka = Kafka()
    producer = producer_over(kafka)
    producer.begin()
    kafka._transaction_started = False
    with pytest.raises(InDoubt, match="none to commit"):
        producer.commit()


@pytest.mark.parametrize("step", ["offsets_result", "commit_result"])
def test_no_answer_in_time_is_doubt(step: str) -> None:
    """Both calls that can wait for ever are bounded."""
    kafka = Kafka()
    setattr(kafka, step, Result(answered=False))
    with pytest.raises(InDoubt, match="no answer"):
        whole(producer_over(kafka))


def test_offsets_without_a_generation_are_refused() -> None:
    """Group metadata (-1, '') would be accepted unfenced."""
    with pytest.raises(InDoubt, match="generation"):
        whole(producer_over(Kafka()), SimpleNamespace(generation_id=-1, member_id=""))


def test_a_transaction_that_took_too_long_is_not_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Near the broker's own bound the outcome is no longer ours to know."""
    import streaming.kafka.transactions as module

    kafka = Kafka()
    producer = producer_over(kafka)
    producer.begin()
    monkeypatch.setattr(module.time, "monotonic", lambda began=producer._began: began + 9.0)
    with pytest.raises(InDoubt, match="older"):
        producer.commit()


def test_kafka_python_still_has_what_is_used_below_its_public_interface() -> None:
    """An update that moves these parts fails here, not in production."""
    from kafka import KafkaProducer
    from kafka.producer.sender import Sender
    from kafka.producer.transaction_manager import TransactionalRequestResult, TransactionManager

    manager = TransactionManager(transactional_id="t", transaction_timeout_ms=1000)
    assert manager._transaction_started is False
    assert (manager.producer_id_and_epoch.producer_id, manager.producer_id_and_epoch.epoch) == (-1, -1)
    assert TransactionalRequestResult().wait(timeout_ms=1) is False
    assert {"begin_commit", "send_offsets_to_transaction"} <= set(dir(TransactionManager))
    assert {"force_close", "wakeup", "join"} <= set(dir(Sender))
    assert issubclass(Sender, threading.Thread)
    assert {"init_transactions", "begin_transaction", "partitions_for", "flush"} <= set(dir(KafkaProducer))
