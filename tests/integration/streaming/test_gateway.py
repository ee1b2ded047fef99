"""The gateway against a real broker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from pydantic_core import to_json

from credit.errors import DependencyUnavailable
from credit.wire.audit import decode_audit
from streaming.gateway.gateway import Gateway
from streaming.kafka.reading import read_topics
from streaming.proof.readback import prove
from tests.fixtures.broker import Stream
from tests.fixtures.deciding import FakeGraph, application

pytestmark = pytest.mark.integration


def until(condition: Callable[[], object], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come to hold in time"
        time.sleep(0.05)


@pytest.fixture
def producer(stream: Stream) -> Iterator[object]:
    from kafka import KafkaProducer

    producer = KafkaProducer(bootstrap_servers=stream.bootstrap)
    yield producer
    producer.close()


def test_each_record_ends_in_one_decision_or_one_dead_letter(stream: Stream, producer) -> None:
    """Poison of every kind beside good applications: all decided or dead, positions and bytes kept."""
    topic = stream.settings.applications_topic
    for number in range(300):
        producer.send(topic, to_json(application(number)), key=f"app-{number:07d}".encode())
    poison = [
        b"{",
        b"\xff\xfe",
        b"",
        b'{"schema_version":9}',
        b"[]",
        to_json(application(1, AMT_CREDIT="x")),
        b"x" * 70_000,
    ]
    for number, payload in enumerate(poison):
        producer.send(topic, payload, headers=[("trace", str(number).encode())])
    producer.send(topic, None, key=b"only-a-key")
    producer.flush()
    gateway = Gateway(stream.settings, FakeGraph())
    gateway.start()
    try:
        until(lambda: gateway.stats().applications >= 300 + len(poison) + 1)
        gateway.check_health()
    finally:
        assert gateway.stop()
    s = stream.settings
    proof = prove(stream.bootstrap, s.applications_topic, s.decisions_topic, s.dead_letters_topic)
    assert proof.holds, proof.line()
    assert (proof.decisions, proof.dead_letters) == (300, len(poison) + 1)
    letters = list(read_topics(stream.bootstrap, [s.dead_letters_topic]))
    assert {bytes(letter.value or b"") for letter in letters} == {*poison}
    traced = {dict(letter.headers).get("trace") for letter in letters}
    assert {str(n).encode() for n in range(len(poison))} <= traced
    audits = [decode_audit(record.value) for record in read_topics(stream.bootstrap, [s.audit_topic])]
    assert sum(len(audit) for audit in audits) == 300
    for audit in audits:
        read = sum(last - first + 1 for _, _, first, last in audit.header["sources"])
        assert read == len(audit) + audit.header["rejected"]


def test_an_application_that_breaks_the_graph_does_not_stop_the_others(stream: Stream, producer) -> None:
    """Of 50 applications one makes the graph fail: it becomes a dead letter, 49 are decided."""
    graph = FakeGraph()
    graph.poison = {"app-0000020"}
    for number in range(50):
        producer.send(stream.settings.applications_topic, to_json(application(number)))
    producer.flush()
    gateway = Gateway(stream.settings, graph)
    gateway.start()
    try:
        until(lambda: gateway.stats().applications >= 50)
    finally:
        gateway.stop()
    s = stream.settings
    proof = prove(stream.bootstrap, s.applications_topic, s.decisions_topic, s.dead_letters_topic)
    assert proof.holds
    (letter,) = read_topics(stream.bootstrap, [s.dead_letters_topic])
    assert dict(letter.headers)["loanstream.error.code"] == b"undecidable"


def test_a_graph_that_is_away_costs_neither_records_nor_membership(stream: Stream, producer) -> None:
    """While the graph is away for longer than the session timeout, the group stays as it is, and nothing is lost."""
    settings = stream.with_settings(session_timeout_s=6.0, max_poll_interval_s=6.0)
    graph = FakeGraph()
    graph.fail_with = DependencyUnavailable("the graph is away")
    gateway = Gateway(settings, graph)
    gateway.start()
    try:
        until(lambda: gateway.stats().partitions)
        rebalances = gateway.stats().rebalances
        for number in range(100):
            producer.send(settings.applications_topic, to_json(application(number)))
        producer.flush()
        until(lambda: gateway.stats().waits > 2)
        away_until = time.monotonic() + 8
        until(lambda: time.monotonic() > away_until)
        gateway.check_health()
        assert gateway.stats().degraded
        graph.fail_with = None
        until(lambda: gateway.stats().applications >= 100)
        assert gateway.stats().rebalances == rebalances
        assert gateway.stats().restarts == 0
    finally:
        gateway.stop()
    proof = prove(stream.bootstrap, settings.applications_topic, settings.decisions_topic, settings.dead_letters_topic)
    assert proof.holds
    assert proof.decisions == 100


def test_replicas_that_come_and_go_lose_and_double_nothing(stream: Stream, producer) -> None:
    """Three gateways join and leave in the middle of the work, with batches under way: each application once."""
    settings = stream.with_settings(max_batch=20)
    gateways = [Gateway(settings, FakeGraph(delay_s=0.02)) for _ in range(3)]
    sent = 0

    def shared(gateway: Gateway, applications: int) -> bool:
        """Tell whether the gateway has done its part; until then there is more to do, so none can finish alone."""
        nonlocal sent
        done = gateway.stats().applications > applications
        if not done:
            for number in range(sent, sent + 100):
                producer.send(settings.applications_topic, to_json(application(number)))
            producer.flush()
            sent += 100
        return done

    gateways[0].start()
    until(lambda: shared(gateways[0], 200))
    gateways[1].start()
    until(lambda: shared(gateways[1], 200))
    gateways[2].start()
    until(lambda: shared(gateways[2], 100))
    assert gateways[0].stop()
    until(lambda: sum(g.stats().applications for g in gateways) >= sent, timeout_s=180.0)
    for gateway in gateways[1:]:
        assert gateway.stop()
    proof = prove(stream.bootstrap, settings.applications_topic, settings.decisions_topic, settings.dead_letters_topic)
    assert proof.holds, proof.line()
    assert proof.decisions == sent
