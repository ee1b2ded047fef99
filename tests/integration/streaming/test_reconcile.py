"""The reconciler against topics where the promise was kept, and where it was broken on purpose."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
from tests.fixtures.broker import Stream, make_stream
from tests.fixtures.deciding import FakeGraph, application

pytestmark = pytest.mark.integration


def until(condition: Callable[[], object], timeout_s: float = 90.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come to hold in time"
        time.sleep(0.01)


def send_steadily(stream: Stream, stop: threading.Event, gateways: list[Gateway]) -> int:
    """Send applications as fast as they are decided, one in 200 of them poison, until told to stop; say how many.

    It is never more than 5,000 ahead, so that what is left at the end is soon decided on a slow machine too.
    """
    from kafka import KafkaProducer

    producer = KafkaProducer(bootstrap_servers=stream.bootstrap, linger_ms=5)
    sent = 0
    while not stop.is_set():
        if sent - sum(gateway.stats().applications for gateway in gateways) > 5000:
            stop.wait(0.02)
            continue
        for number in range(sent, sent + 200):
            value = b"not json" if number % 200 == 0 else to_json(application(number))
            producer.send(stream.settings.applications_topic, value, key=str(number).encode())
        sent += 200
        producer.flush()
    producer.close()
    return sent


def test_a_stream_under_full_load_is_reconciled_again_and_again_without_a_false_alarm(stream: Stream) -> None:
    """Two gateways decide what comes as fast as they can: each cut is clean and says what it left out."""
    stop = threading.Event()
    settings = stream.with_settings(max_batch=100)
    gateways = [Gateway(settings, FakeGraph()) for _ in range(2)]
    for gateway in gateways:
        gateway.start()
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(send_steadily, stream, stop, gateways)
        try:
            until(lambda: all(gateway.stats().decisions > 0 for gateway in gateways))
            cuts = [reconcile(settings) for _ in range(5)]
        finally:
            stop.set()
        until(lambda: sum(gateway.stats().applications for gateway in gateways) >= sent.result())
    for gateway in gateways:
        assert gateway.stop()
    for cut in cuts:
        assert cut.clean, cut.line()
        assert cut.consumed == cut.decided + cut.dead_letters, cut.line()
    consumed = [cut.consumed for cut in cuts]
    assert consumed == sorted(set(consumed)), "there was no load while it was reconciled"
    assert any(cut.newer for cut in cuts), "no answer was newer than its cut: nothing was left out"
    at_rest = reconcile(settings)
    assert (at_rest.clean, at_rest.newer, at_rest.consumed) == (True, 0, sent.result())


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
    try:
        for _ in range(4):
            before = gateway.stats().applications
            until(lambda before=before: gateway.stats().applications >= min(before + 100, 3000))
            broker.pause()
            time.sleep(1.2)
            broker.resume()
        until(lambda: gateway.stats().applications >= 3000)
    finally:
        broker.resume()
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


def pausing(broker: EmbeddedBroker) -> type[CommitBeforeFlush]:
    """Return the planted bug over a broker that stops as a transaction begins: its records cannot leave in time."""

    class Pausing(CommitBeforeFlush):
        begun = 0

        def begin(self) -> None:
            super().begin()
            Pausing.begun += 1
            if Pausing.begun in (5, 10):
                broker.pause()
                threading.Timer(1.2, broker.resume).start()

    return Pausing


def test_a_commit_before_the_flush_is_found_and_exactly_the_gap_is_repaired(own_broker: EmbeddedBroker) -> None:
    """The planted bug loses decisions silently; the reconciler names them, repairs them, and then finds nothing."""
    settings = run_through_pauses(own_broker, pausing(own_broker), poison=False)
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
