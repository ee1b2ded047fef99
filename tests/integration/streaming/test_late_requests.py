"""Transactional requests that arrive late, against a real broker behind a proxy: nothing is decided twice."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from pydantic_core import to_json

from streaming.gateway.gateway import Gateway
from streaming.kafka.doubt import DoubtCause
from streaming.kafka.transactions import TransactionalProducer
from streaming.proof.reconcile import reconcile, repair
from tests.faults.checker import Findings, check
from tests.faults.chosen import AnyPlan, ChosenRequest
from tests.faults.lag import wait_until_consumed
from tests.faults.parts import SameEpoch
from tests.faults.proxied import ProxiedBroker
from tests.faults.proxy import Api, Fate
from tests.fixtures.broker import Stream, make_stream
from tests.fixtures.deciding import FakeGraph, application

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

LAST_LINE = re.compile(r"held=(\d+) delivered=(\d+) applications=(\d+) lost=(\d+) doubled=(\d+)")
COUNT = 600


def until(condition: Callable[[], object], timeout_s: float = 120.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come to hold in time"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ProxiedBroker, AnyPlan]]:
    """A broker that gateways reach through a proxy only, and the place for a test's plan."""
    plan = AnyPlan()
    broker = ProxiedBroker(tmp_path_factory.mktemp("proxied"), plan)
    broker.start()
    yield broker, plan
    broker.stop()


class Run:
    """One stream with `COUNT` applications in it, a plan, and the gateways that decide them behind the proxy."""

    def __init__(
        self,
        proxied: tuple[ProxiedBroker, AnyPlan],
        kind: Api,
        moment: Api | None,
        make_producer: Callable[..., TransactionalProducer] = TransactionalProducer,
        **changes: object,
    ) -> None:
        self.broker, place = proxied
        self.stream: Stream = make_stream(self.broker.broker.bootstrap, max_batch=20, max_backoff_s=0.5, **changes)
        prefix = self.stream.settings.transactional_prefix
        self.plan = place.now = ChosenRequest(prefix, random.Random(1), kinds=(kind,), moments=(moment,))
        self._make_producer = make_producer
        self.settings = self.stream.with_settings(bootstrap_servers=self.broker.bootstrap)
        self.gateways: list[Gateway] = []
        self.send(0, COUNT)

    def send(self, first: int, count: int) -> None:
        """Put applications into the topic, straight to the broker."""
        from kafka import KafkaProducer

        producer = KafkaProducer(bootstrap_servers=self.stream.bootstrap)
        for number in range(first, first + count):
            message = application(number)
            producer.send(self.settings.applications_topic, to_json(message), key=message["application_id"].encode())
        producer.close()

    def send_together(self, first: int, count: int) -> None:
        """Put applications into one partition in one batch, so that one poll takes them all."""
        from kafka import KafkaProducer

        producer = KafkaProducer(bootstrap_servers=self.stream.bootstrap, linger_ms=200, batch_size=1024 * 1024)
        for number in range(first, first + count):
            message = application(number)
            producer.send(
                self.settings.applications_topic, to_json(message), message["application_id"].encode(), partition=0
            )
        producer.close()

    def start(self) -> Gateway:
        """Start one more gateway."""
        gateway = Gateway(self.settings, FakeGraph(delay_s=0.005), make_producer=self._make_producer)
        gateway.start()
        self.gateways.append(gateway)
        return gateway

    def until_late(self) -> None:
        """Wait until all that was held came late."""
        until(lambda: self.plan.over)

    def end(self, count: int = COUNT) -> Findings:
        """Decide what is left, stop, and count everything in the topics."""
        s = self.settings
        topics = (s.applications_topic, s.decisions_topic, s.audit_topic, s.dead_letters_topic)
        until(lambda: sum(gateway.stats().decisions for gateway in self.gateways) >= count)
        while self.gateways:
            assert self.gateways.pop().stop()
        # Offsets that went back show only where somebody begins at them.
        last = self.start()
        assert wait_until_consumed(self.stream.bootstrap, s.group_id, s.applications_topic, 120.0)
        assert last.stop()
        return check(self.stream.bootstrap, *topics)


CHOSEN = [
    (Api.END_TXN, Api.PRODUCE),
    (Api.END_TXN, Api.ADD_OFFSETS),
    (Api.TXN_OFFSET_COMMIT, Api.TXN_OFFSET_COMMIT),
    (Api.ADD_OFFSETS, Api.PRODUCE),
    (Api.PRODUCE, Api.PRODUCE),
    # The runs of whole gateways come to these too.
    pytest.param(Api.END_TXN, Api.ADD_PARTITIONS, marks=pytest.mark.slow),
    pytest.param(Api.TXN_OFFSET_COMMIT, Api.ADD_OFFSETS, marks=pytest.mark.slow),
    pytest.param(Api.ADD_PARTITIONS, Api.END_TXN, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("kind", "moment"), CHOSEN, ids=lambda api: api.name)
def test_a_request_that_comes_in_the_next_transaction_is_refused(
    proxied: tuple[ProxiedBroker, AnyPlan], kind: Api, moment: Api
) -> None:
    """Whatever comes late comes on an epoch that is over: one decision each, and no session is lost by it."""
    run = Run(proxied, kind, moment)
    gateway = run.start()
    run.until_late()
    assert run.plan.accepted_after_its_epoch == 0, dict(run.plan.answers)
    assert gateway.stats().epoch_renewals == 1
    assert (gateway.stats().restarts, gateway.stats().rebalances) == (0, 1), gateway.stats().last_error
    found = run.end()
    assert (found.decisions, found.lost, found.doubled, found.gaps) == (COUNT, 0, 0, 0), found.examples


@pytest.mark.parametrize(
    ("kind", "moment"),
    [(Api.END_TXN, Api.ADD_OFFSETS), (Api.TXN_OFFSET_COMMIT, Api.TXN_OFFSET_COMMIT)],
    ids=lambda api: api.name,
)
def test_without_a_new_epoch_the_same_request_doubles_decisions(
    proxied: tuple[ProxiedBroker, AnyPlan], kind: Api, moment: Api
) -> None:
    """The planted bug is caught, and each double named: the broker takes the request for the open transaction's."""
    run = Run(proxied, kind, moment, SameEpoch)
    run.plan.active = False
    gateway = run.start()
    until(lambda: gateway.stats().decisions >= COUNT)
    run.plan.active = True
    run.send_together(COUNT, 10)  # the transaction whose request is held
    until(lambda: gateway.stats().decisions >= COUNT + 10)
    run.send_together(COUNT + 10, 10)  # the one in which it arrives
    run.until_late()
    until(lambda: gateway.stats().decisions >= COUNT + 20)
    found = run.end(COUNT + 20)
    assert found.doubled == 10, (dict(run.plan.answers), dict(run.plan.delivered))
    named = reconcile(run.stream.settings)
    assert (len(named.doubled), named.gap_offsets, named.newer) == (10, 0, 0), named.line()
    assert repair(run.stream.settings, named.gaps, FakeGraph()) == 0


def test_a_new_epoch_that_is_asked_for_twice_ends_the_transaction_it_comes_late_in(
    proxied: tuple[ProxiedBroker, AnyPlan],
) -> None:
    """A late InitProducerId fences its own producer: work starts again, counted as fenced, and nothing is doubled."""
    run = Run(proxied, Api.END_TXN, Api.PRODUCE)
    run.plan.bump_fate = Fate.HOLD
    gateway = run.start()
    run.until_late()
    until(lambda: gateway.stats().restarts >= 1)
    found = run.end()
    assert gateway.stats().in_doubt == gateway.stats().restarts
    assert (found.decisions, found.lost, found.doubled, found.gaps) == (COUNT, 0, 0, 0), found.examples


def test_where_no_new_epoch_is_to_be_had_no_transaction_begins(proxied: tuple[ProxiedBroker, AnyPlan]) -> None:
    """The broker is away for the bump: what was committed counts, and the next session has an epoch of its own."""
    run = Run(proxied, Api.END_TXN, Api.ADD_OFFSETS, commit_timeout_s=1.0)
    broker = run.broker.broker
    run.plan.meanwhile = broker.pause
    gateway = run.start()
    try:
        until(lambda: gateway.stats().in_doubt_causes[DoubtCause.EPOCH] >= 1)
    finally:
        broker.resume()
    run.until_late()
    found = run.end()
    assert (found.decisions, found.lost, found.doubled, found.gaps) == (COUNT, 0, 0, 0), found.examples


def test_a_new_epoch_while_the_group_rebalances(proxied: tuple[ProxiedBroker, AnyPlan]) -> None:
    """A second gateway joins at the moment of the bump: both go on, and nothing is doubled."""
    run = Run(proxied, Api.TXN_OFFSET_COMMIT, Api.TXN_OFFSET_COMMIT)
    joined = threading.Event()
    run.plan.meanwhile = joined.set
    first = run.start()
    assert joined.wait(60)
    second = run.start()
    run.until_late()
    until(lambda: first.stats().rebalances >= 2 and second.stats().partitions)
    run.send(COUNT, 200)
    found = run.end(COUNT + 200)
    assert (found.decisions, found.lost, found.doubled, found.gaps) == (COUNT + 200, 0, 0, 0), found.examples


@pytest.mark.slow
def test_the_coordinator_is_killed_while_it_is_asked_for_a_new_epoch(proxied: tuple[ProxiedBroker, AnyPlan]) -> None:
    """One broker is all its coordinators: killed and started again, it knows the epoch from its log, and the late
    EndTxn, which comes over a new connection, is refused all the same."""
    run = Run(proxied, Api.END_TXN, Api.PRODUCE)
    asked = threading.Event()
    run.plan.meanwhile = asked.set
    run.plan.bump_fate = Fate.DROP_AFTER
    run.start()
    assert asked.wait(60)
    run.broker.broker.kill()
    run.broker.broker.start()
    run.until_late()
    assert run.plan.accepted_after_its_epoch == 0, dict(run.plan.answers)
    found = run.end()
    assert (found.decisions, found.lost, found.doubled, found.gaps) == (COUNT, 0, 0, 0), found.examples


def run_late(*arguments: str) -> tuple[int, list[int], str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.late_requests", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    output = done.stdout + done.stderr[-3000:]
    last = LAST_LINE.fullmatch(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else None
    assert last is not None, output
    return done.returncode, [int(number) for number in last.groups()], output


def test_whole_gateways_among_late_requests_of_all_kinds_double_nothing() -> None:
    """Gateways that come and go, requests held at random, several at once, at chosen and random moments, by a seed."""
    code, (held, delivered, applications, lost, doubled), output = run_late(
        "--seed", "11", "--seconds", "8", "--rate", "150", "--held", "10", "--hold", "0.3"
    )
    assert (held, applications, lost, doubled) == (delivered, 1200, 0, 0), output
    assert code == 0, output
