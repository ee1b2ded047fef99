"""One session after the other, each from nothing."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError, KafkaError, ProducerFencedError

from streaming.gateway.loop import ExactlyOnceLoop
from streaming.gateway.stats import StreamStats
from streaming.kafka.doubt import DoubtCause, InDoubt
from streaming.kafka.security import KafkaSecurity
from streaming.settings import StreamingSettings
from tests.fixtures.deciding import FakeGraph


class Clients:
    """Stands for a session's clients, which hold each other."""

    def __init__(self) -> None:
        self.each_other = self


def test_an_ended_session_is_gone_before_the_next_begins() -> None:
    """What a failed session leaves in a cycle is freed though the collector hardly ever runs by itself."""
    stop, stats = threading.Event(), StreamStats()
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
        stats,
        make_producer=make_producer,
    )
    gc.disable()
    try:
        loop.run()
    finally:
        gc.enable()
    assert still_held == [False] * 3
    assert stats.in_doubt == 3
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
    stop, stats = threading.Event(), StreamStats()

    def make_producer(*_: Any) -> Any:
        stop.set()
        raise error

    ExactlyOnceLoop(
        StreamingSettings(max_backoff_s=0.1),
        KafkaSecurity(),
        FakeGraph(),
        "id",
        stop,
        stats,
        make_producer=make_producer,
    ).run()
    assert stats.restarts == 1
    assert {each: count for each, count in stats.in_doubt_causes.items() if count} == ({cause: 1} if cause else {})
