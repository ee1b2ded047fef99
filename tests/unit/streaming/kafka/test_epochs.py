"""A new epoch after an unanswered request, over kafka-python's own transaction manager without its network."""

from __future__ import annotations

import inspect
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError, ProducerFencedError
from kafka.future import Future
from kafka.producer.transaction_manager import (
    InitProducerIdHandler,
    ProducerIdAndEpoch,
    TransactionManager,
    TransactionState,
)

from streaming.kafka.doubt import DoubtCause, InDoubt
from streaming.kafka.epochs import EpochGuard

LAST_EPOCH = 32_766


class Coordinator:
    """Stands for the sender and the brokers behind it: answers a bump as `answer` says, in another thread."""

    def __init__(self, epoch: int = 4, answer: Any = None) -> None:
        self.manager = TransactionManager("id", 10_000, api_version=(4, 1))
        self.manager.set_producer_id_and_epoch(ProducerIdAndEpoch(7, epoch))
        self.manager._current_state = TransactionState.READY
        self.future = Future()
        self.sender = SimpleNamespace(_client=SimpleNamespace(send=lambda *_: self.future), wakeup=self.answer_bump)
        self._answer = answer or SimpleNamespace(error_code=0, producer_id=7, producer_epoch=epoch + 1)
        self.bumps = 0

    def answer_bump(self) -> None:
        handler = self.manager.next_request_handler(False)
        assert isinstance(handler, InitProducerIdHandler)
        self.bumps += 1
        if self._answer != "none":
            threading.Thread(target=handler.handle_response, args=(self._answer,)).start()


def guard_of(coordinator: Coordinator, timeout_s: float = 30.0) -> EpochGuard:
    return EpochGuard(coordinator.manager, coordinator.sender, timeout_s)


def response(code: int = 0, producer_id: int = 7, epoch: int = 5) -> Any:
    return SimpleNamespace(error_code=code, producer_id=producer_id, producer_epoch=epoch)


def test_an_answered_request_leaves_the_epoch_clean_and_a_broken_connection_does_not() -> None:
    """Whatever fails with no answer is noted, of every kind of request, and begins no other transaction."""
    coordinator = Coordinator()
    guard = guard_of(coordinator)
    coordinator.sender._client.send(0, "EndTxn")
    coordinator.future.success("answer")
    assert guard.clean
    guard.require_clean()
    coordinator.future = Future()
    coordinator.sender._client.send(0, "EndTxn")
    coordinator.future.failure(KafkaConnectionError())
    assert not guard.clean
    with pytest.raises(InDoubt, match="may still arrive") as refused:
        guard.require_clean()
    assert refused.value.cause is DoubtCause.EPOCH


def test_a_new_epoch_makes_it_clean_again() -> None:
    """The bump is waited for, and the next transaction begins on the next epoch."""
    coordinator = Coordinator()
    guard = guard_of(coordinator)
    coordinator.sender._client.send(0, "EndTxn")
    coordinator.future.failure(KafkaConnectionError())
    guard.renew()
    assert guard.clean
    assert (guard.identity, coordinator.bumps) == ((7, 5), 1)


def test_the_last_epoch_of_a_producer_id_is_followed_by_the_first_of_another() -> None:
    """After 32,766 the brokers give a new producer id, and its epoch 0."""
    coordinator = Coordinator(LAST_EPOCH, response(producer_id=8, epoch=0))
    guard = guard_of(coordinator)
    guard.renew()
    assert guard.identity == (8, 0)


@pytest.mark.parametrize("answer", [response(epoch=6), response(epoch=4), response(producer_id=8, epoch=3)])
def test_an_epoch_that_does_not_follow_is_doubt(answer: Any) -> None:
    """An epoch left out was somebody else's in between."""
    guard = guard_of(Coordinator(answer=answer))
    with pytest.raises(InDoubt, match="somebody else"):
        guard.renew()


def test_a_bump_without_an_answer_is_doubt_and_leaves_the_epoch_unclean() -> None:
    """Nothing begins on the old epoch, nor while the new one is asked for."""
    coordinator = Coordinator(answer="none")
    guard = guard_of(coordinator, timeout_s=0.01)
    coordinator.sender._client.send(0, "EndTxn")
    coordinator.future.failure(KafkaConnectionError())
    with pytest.raises(InDoubt, match="no answer"):
        guard.renew()
    with pytest.raises(InDoubt):
        guard.require_clean()


def test_a_fenced_producer_is_told_so_and_gets_no_other_epoch() -> None:
    """PRODUCER_FENCED (90) to a bump is the error itself; after it there is no epoch to be had."""
    coordinator = Coordinator(answer=response(code=90))
    guard = guard_of(coordinator)
    with pytest.raises(ProducerFencedError):
        guard.renew()
    with pytest.raises(InDoubt, match="beyond"):
        guard.renew()


def test_kafka_python_still_has_what_a_new_epoch_needs() -> None:
    """An update that moves these parts fails here, not in production."""
    from kafka.net.compat import KafkaNetClient
    from kafka.producer.sender import Sender

    assert {"bump_producer_id_and_epoch", "next_request_handler"} <= set(dir(TransactionManager))
    manager = TransactionManager("id", 1000, api_version=(4, 1))
    assert manager._pending_requests == []
    with manager._lock:
        pass
    assert "_client.send(" in inspect.getsource(Sender)
    assert "send" in dir(KafkaNetClient)
    assert Future().add_errback(lambda _: None) is not None
