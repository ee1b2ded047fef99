"""The reconciler against topics where the promise was kept, and where it was broken on purpose."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic_core import to_json

from streaming.broker.embedded import EmbeddedBroker
from streaming.broker.ports import free_port
from streaming.gateway.gateway import Gateway
from streaming.kafka.transactions import TransactionalProducer
from streaming.proof.readback import prove
from streaming.proof.reconcile import reconcile, repair
from tests.faults.parts import CommitBeforeFlush
from tests.fixtures.broker import make_stream
from tests.fixtures.deciding import FakeGraph, application

pytestmark = pytest.mark.integration


def until(condition: Callable[[], object], timeout_s: float = 90.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come to hold in time"
        time.sleep(0.01)


def run_through_pauses(
    broker: EmbeddedBroker, make_producer: Callable[..., TransactionalProducer], poison: bool = True
) -> object:
    """Decide 3,000 applications while the broker is paused again and again; return the stream's settings."""
    from kafka import KafkaProducer

    stream = make_stream(broker.bootstrap, max_batch=50)
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    for number in range(3000):
        value = b"not json" if poison and number % 300 == 0 else to_json(application(number))
        producer.send(stream.settings.applications_topic, value, key=str(number).encode())
    producer.close()
    gateway = Gateway(stream.settings, FakeGraph(delay_s=0.05), make_producer=make_producer)
    gateway.start()
    pid = broker.pid
    assert pid is not None
    try:
        for _ in range(4):
            before = gateway.stats().applications
            until(lambda before=before: gateway.stats().applications >= min(before + 100, 3000))
            os.kill(pid, signal.SIGSTOP)
            time.sleep(1.2)
            os.kill(pid, signal.SIGCONT)
        until(lambda: gateway.stats().applications >= 3000)
    finally:
        os.kill(pid, signal.SIGCONT)
        gateway.stop()
    return stream.settings


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> object:
    """A broker that no other test uses, as it is paused."""
    home: Path = tmp_path_factory.mktemp("paused")
    broker = EmbeddedBroker(home, free_port())
    broker.start()
    yield broker
    broker.stop()


def test_pauses_of_the_broker_leave_no_gap(own_broker: EmbeddedBroker) -> None:
    """With flush and check before the commit, every offset has one answer, and the reconciler agrees."""
    settings = run_through_pauses(own_broker, TransactionalProducer)
    result = reconcile(settings)
    assert result.clean, result.line()
    assert (result.consumed, result.decided, result.dead_letters) == (3000, 2990, 10)


def test_a_commit_before_the_flush_is_found_and_exactly_the_gap_is_repaired(own_broker: EmbeddedBroker) -> None:
    """The planted bug loses decisions silently; the reconciler names them, repairs them, and then finds nothing."""
    settings = run_through_pauses(own_broker, CommitBeforeFlush, poison=False)
    result = reconcile(settings)
    assert not result.clean
    assert result.gap_offsets > 0, result.line()
    topics = (settings.applications_topic, settings.decisions_topic, settings.dead_letters_topic)
    lost = prove(settings.bootstrap_servers, *topics).lost
    assert len(lost) == result.gap_offsets
    answered = repair(settings, result.gaps, FakeGraph())
    assert answered == result.gap_offsets
    proof = prove(settings.bootstrap_servers, *topics)
    assert proof.holds, proof.line()
    again = reconcile(settings)
    assert again.gap_offsets == 0, again.line()
