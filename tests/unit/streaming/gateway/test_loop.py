"""One session after the other, each from nothing."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError, KafkaError, ProducerFencedError

from streaming.gateway.loop import ExactlyOnceLoop
from streaming.gateway.stats import LoopObserver
from streaming.kafka.doubt import DoubtCause, InDoubt
from streaming.kafka.security import KafkaSecurity
from streaming.settings import StreamingSettings
from tests.fixtures.deciding import FakeGraph


class Clients:
    """Stands for a session's clients, which hold each other."""

    def __init__(self) -> None:
        self.each_other = self


def no_consumer(*_: Any) -> Any:
    raise AssertionError("a consumer was made though there is no producer")


def test_an_ended_session_is_gone_before_the_next_begins() -> None:
    """What a failed session leaves in a cycle is freed though the collector hardly ever runs by itself."""
    stop, observer = threading.Event(), LoopObserver()
    made: list[weakref.ref[Clients]] = []
    still_held: list[bool] = []

    def make_producer(*_: Any) -> Any:
        still_held.extend(former() is not None for former in made)
        clients = Clients()
        made.append(weakref.ref(clients))
        if len(made) == 3:
            stop.set()
        raise InDoubt("the brokers are away", DoubtCause.COMMIT)

    loop = ExactlyOnceLoop(
        StreamingSettings(max_backoff_s=0.1),
        KafkaSecurity(),
        FakeGraph(),
        "id",
        stop,
        observer,
        make_producer,
        no_consumer,
    )
    gc.disable()
    try:
        loop.run()
    finally:
        gc.enable()
    assert still_held == [False] * 3
    stats = observer.stats()
    assert (stats.in_doubt, stats.restarts, stats.last_error) == (3, 3, "InDoubt: the brokers are away")
    assert stats.in_doubt_causes[DoubtCause.COMMIT] == 3


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (KafkaError("Unexpected error in TxnOffsetCommitResponse"), DoubtCause.BROKER),
        (ProducerFencedError(), DoubtCause.FENCED),
        (KafkaConnectionError(), DoubtCause.NETWORK),
        (ValueError("a mistake of ours"), None),
    ],
)
def test_what_the_brokers_refuse_counts_as_in_doubt_and_what_we_get_wrong_does_not(
    error: Exception, cause: DoubtCause | None
) -> None:
    """A restart is in doubt, with its cause, wherever the brokers or the way to them brought it about."""
    stop, observer = threading.Event(), LoopObserver()

    def make_producer(*_: Any) -> Any:
        stop.set()
        raise error

    ExactlyOnceLoop(
        StreamingSettings(max_backoff_s=0.1),
        KafkaSecurity(),
        FakeGraph(),
        "id",
        stop,
        observer,
        make_producer,
        no_consumer,
    ).run()
    stats = observer.stats()
    assert stats.restarts == 1
    assert {each: count for each, count in stats.in_doubt_causes.items() if count} == ({cause: 1} if cause else {})
