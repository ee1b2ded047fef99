"""Dead letters, replay and rehearsal against a stream that has been decided."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from pydantic_core import to_json

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import SettingsError
from streaming.gateway.gateway import Gateway
from streaming.kafka.reading import read_topics
from streaming.proof.dead_letters import Position, list_letters, retry_letters, show_letter
from streaming.proof.readback import prove
from streaming.proof.reconcile import reconcile
from streaming.proof.rehearse import rehearse
from streaming.proof.replay import range_of, replay
from streaming.settings import StreamingSettings
from tests.fixtures.broker import Stream
from tests.fixtures.deciding import MODEL, FakeGraph, application, decide

pytestmark = pytest.mark.integration


def until(condition: Callable[[], object], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come to hold in time"
        time.sleep(0.05)


def send(stream: Stream, values: list[bytes], **options: object) -> None:
    from kafka import KafkaProducer

    producer = KafkaProducer(bootstrap_servers=stream.bootstrap)
    for value in values:
        producer.send(stream.settings.applications_topic, value, **options)
    producer.close()


def decide_all(settings: StreamingSettings, count: int, graph: FakeGraph | None = None) -> None:
    gateway = Gateway(settings, graph or FakeGraph())
    gateway.start()
    try:
        until(lambda: gateway.stats().applications >= count)
    finally:
        assert gateway.stop()


def test_a_retry_after_a_fix_is_decided_and_linked_to_its_dead_letter(stream: Stream) -> None:
    """An application that broke the graph is retried, once, with its bytes and headers, and names its dead letter."""
    graph = FakeGraph()
    graph.poison = {"app-0000003"}
    send(stream, [to_json(application(n)) for n in range(10)], headers=[("trace", b"t")], key=b"k")
    decide_all(stream.settings, 10, graph)
    (letter,) = list_letters(stream.settings)
    assert (letter.code, letter.key, letter.headers, letter.retried_as) == (
        "undecidable",
        b"k",
        [("trace", b"t")],
        None,
    )
    assert show_letter(stream.settings, letter.position).value == to_json(application(3))
    assert retry_letters(stream.settings, [letter.position]) == 1
    assert show_letter(stream.settings, letter.position).retried_as == "waiting"
    decide_all(stream.settings, 1)
    fate = show_letter(stream.settings, letter.position).retried_as
    decisions = [r for r in read_topics(stream.bootstrap, [stream.settings.decisions_topic]) if r.headers]
    assert [dict(r.headers)["loanstream.retry.of"].decode() for r in decisions] == [str(letter.position)]
    assert fate is not None
    assert fate.startswith("decision ")
    with pytest.raises(SettingsError, match="retried before"):
        retry_letters(stream.settings, [letter.position])
    s = stream.settings
    assert prove(s.bootstrap_servers, s.applications_topic, s.decisions_topic, s.dead_letters_topic).holds
    assert reconcile(s).clean


def test_a_retry_keeps_the_first_arrival_and_forged_links_mislead_nobody(stream: Stream) -> None:
    """Letters of letters still say when the application came first; a header that is no position is passed over."""
    send(stream, [b"{broken"])
    send(stream, [b"{broken too"], headers=[("loanstream.retry.of", b"x" * 500_000)])
    decide_all(stream.settings, 2)
    letters = list_letters(stream.settings)
    assert [letter.retry_of for letter in letters] == [None, None]
    first = next(letter for letter in letters if letter.value == b"{broken")
    retry_letters(stream.settings, [first.position])
    decide_all(stream.settings, 1)
    again = next(letter for letter in list_letters(stream.settings) if letter.retry_of == first.position)
    assert again.arrived_ms == first.arrived_ms
    assert reconcile(stream.settings).clean


def test_a_retry_that_fails_again_is_a_dead_letter_of_its_own(stream: Stream) -> None:
    """What is still broken dies again, naming the first letter, and that one is the next to retry."""
    send(stream, [b"{broken"])
    decide_all(stream.settings, 1)
    (first,) = list_letters(stream.settings)
    retry_letters(stream.settings, [first.position])
    decide_all(stream.settings, 1)
    letters = {letter.position: letter for letter in list_letters(stream.settings)}
    second = next(letter for letter in letters.values() if letter.retry_of == first.position)
    assert letters[first.position].retried_as == f"dead letter {second.position}"
    assert second.retried_as is None
    assert len(list_letters(stream.settings, code="not_json")) == 2
    assert not list_letters(stream.settings, code="oversize")
    with pytest.raises(SettingsError, match="no dead letter at 0:99"):
        retry_letters(stream.settings, [Position(0, 99)])


def test_a_replay_with_the_same_model_gives_the_same_decisions(stream: Stream) -> None:
    """The same ids and outcomes as the live ones, in a topic of its own; live topics are refused and untouched."""
    s = stream.settings
    send(stream, [to_json(application(n)) for n in range(1200)] + [b"no"])
    decide_all(s, 1201)
    live = {r.key: r.value for r in read_topics(s.bootstrap_servers, [s.decisions_topic])}
    into = f"replay-{s.group_id}"
    told: list[tuple[int, int]] = []
    done = replay(s, range_of(s), into, FakeGraph(), progress=lambda *at: told.append(at))
    assert (done.applications, done.decisions, done.dead_letters) == (1201, 1200, 1)
    assert told[-1] == (1201, 1201)
    for record in read_topics(s.bootstrap_servers, [into]):
        before, after = json.loads(live.pop(record.key)), json.loads(record.value)
        assert before | {"decided_at": 0} == after | {"decided_at": 0}
    assert not live
    assert len(list(read_topics(s.bootstrap_servers, [s.decisions_topic]))) == 1200
    with pytest.raises(SettingsError, match="live topic"):
        replay(s, range_of(s), s.decisions_topic, FakeGraph())
    with pytest.raises(SettingsError, match="has records already"):
        replay(s, range_of(s), into, FakeGraph())
    part = range_of(s, from_offsets={0: 10}, to_offsets={0: 15, 1: 0, 2: 0, 3: 0})
    assert part.offsets == {0: (10, 15)}
    with pytest.raises(SettingsError, match="no applications"):
        range_of(s, from_ms=int(time.time() * 1000) + 3_600_000)


class Candidate:
    """The same scores, a stricter policy."""

    def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        strict = MODEL.policy.model_copy(update={"refer_from": 0.02, "threshold": 0.04, "decline_from": 0.06})
        return decide(batch, replace(MODEL, version="2", policy=strict))


def test_a_rehearsal_counts_what_would_change(stream: Stream) -> None:
    """With equal scores and stricter bands: no shift of scores, only stricter outcomes, equal cost at equal rate."""
    s = stream.settings
    send(stream, [to_json(application(n)) for n in range(1000)])
    decide_all(s, 1000)
    same = rehearse(s, range_of(s), FakeGraph())
    assert same.outcome_flips == 0
    assert same.psi_of_probability == 0.0
    stricter = rehearse(s, range_of(s), Candidate(), defaulted={"app-0000001": 1, "app-0000002": 0})
    assert (stricter.applications, stricter.taken_by, stricter.candidate) == (1000, ("1",), ("2",))
    assert stricter.psi_of_probability == 0.0
    assert stricter.swap_in.applications == 0
    probability = [
        json.loads(r.value or b"")["probability_of_default"] for r in read_topics(stream.bootstrap, [s.decisions_topic])
    ]
    assert stricter.swap_out.applications == sum(0.02 <= p < 0.08 for p in probability) > 0
    cost = stricter.expected_cost_at_taken_approval_rate
    assert cost.taken == pytest.approx(cost.candidate)
    assert stricter.realised_cost_at_taken_approval_rate is not None
    assert stricter.realised_cost_at_taken_approval_rate.labelled == 2
