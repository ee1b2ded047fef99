"""The Serve graph on real Ray and a real broker: two doors, one path, one version a decision."""

from __future__ import annotations

import itertools
import threading
import time
from typing import Any

import httpx
import pytest
from pydantic_core import from_json, to_json

from credit.wire.topics import APPLICATIONS_TOPIC, AUDIT_TOPIC, DEAD_LETTERS_TOPIC, DECISIONS_TOPIC
from streaming.feed import envelope, feed, read_rows
from streaming.kafka.clients import reader
from streaming.kafka.reading import read_topics
from tests.fixtures.stack import RunningStack

pytestmark = pytest.mark.integration
COUNT = 300


def records(stack: RunningStack, topic: str, wanted: int, prefix: str, timeout_s: float = 90.0) -> list[Any]:
    """Read `wanted` committed records of a topic whose key starts with `prefix`; fewer if they do not come."""
    from kafka import TopicPartition

    consumer = reader(stack.place.bootstrap)
    try:
        partitions = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        found: list[Any] = []
        until = time.monotonic() + timeout_s
        while len(found) < wanted and time.monotonic() < until:
            for batch in consumer.poll(timeout_ms=200).values():
                found += [r for r in batch if r.key is not None and r.key.startswith(prefix.encode())]
        return found
    finally:
        consumer.close()


def without_times(decision: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in decision.items() if key not in ("submitted_at", "decided_at")}


def test_both_doors_give_the_same_decision(stack: RunningStack) -> None:
    """Hundreds of applications get the same id, probability, outcome and reasons by Kafka and by HTTP, to the bit."""
    prefix = "both-"
    sent = feed(stack.place.bootstrap, stack.applications, limit=COUNT, id_prefix=prefix)
    assert sent == COUNT
    by_kafka = {
        record.key.decode(): without_times(from_json(record.value))
        for record in records(stack, DECISIONS_TOPIC, COUNT, prefix)
    }
    assert len(by_kafka) == COUNT

    by_http: dict[str, dict[str, Any]] = {}
    rows = list(itertools.islice(read_rows(stack.applications), COUNT))
    with stack.client() as client:
        # Alone, and with others: the size of a micro-batch must not change a decision.
        for size, chunk in ((1, rows[:20]), (7, rows[20:90]), (70, rows[90:])):
            for start in range(0, len(chunk), size):
                applications = [envelope(row, prefix) for row in chunk[start : start + size]]
                body = applications[0] if size == 1 else {"applications": applications}
                answer = client.post("/v1/decisions", content=to_json(body))
                assert answer.status_code == 200, answer.text
                for decision in answer.json()["decisions"]:
                    by_http[decision["application_id"]] = without_times(decision)
    assert by_http == by_kafka
    outcomes = {decision["outcome"] for decision in by_kafka.values()}
    assert {"approve", "decline"} <= outcomes
    assert all(decision["reasons"] for decision in by_kafka.values() if decision["outcome"] == "decline")


def test_a_client_on_file_is_decided_like_the_same_application_sent_whole(stack: RunningStack) -> None:
    """/predict and /explain agree with /v1/decisions, and contributions add up to the score."""
    row = next(iter(read_rows(stack.applications)))
    with stack.client() as client:
        whole = client.post("/v1/decisions", content=to_json({"application": row})).json()["decisions"][0]
        predicted = client.post("/predict", json={"sk_id_curr": row["SK_ID_CURR"]}).json()
        explained = client.post("/explain", json={"sk_id_curr": row["SK_ID_CURR"]}).json()
    assert predicted["probability_refusal"] == explained["probability_refusal"] == whole["probability_of_default"]
    assert explained["decision_id"] == whole["decision_id"]
    assert explained["reasons"] == whole["reasons"]
    words = {"approve": "ACCORD", "refer": "A_ETUDIER", "decline": "REFUS"}
    assert predicted["decision"] == words[whole["outcome"]]
    total = explained["base_value"] + sum(explained["contributions"].values())
    assert total == pytest.approx(explained["raw_score"], abs=1e-8)


def test_every_http_decision_is_audited_before_it_is_answered(stack: RunningStack) -> None:
    """The audit topic holds the decision by the time the answer is there."""
    from credit.wire.audit import decode_audit

    row = next(iter(read_rows(stack.applications)))
    with stack.client() as client:
        body = {"application_id": "audited-1", "application": row}
        decision = client.post("/v1/decisions", content=to_json(body)).json()["decisions"][0]
    audits = [decode_audit(record.value or b"") for record in read_topics(stack.place.bootstrap, [AUDIT_TOPIC])]
    ids = {decision_id for audit in audits for decision_id in audit.decision_ids}
    assert decision["decision_id"] in ids


def test_what_cannot_be_decided_becomes_a_dead_letter_and_stops_nothing(stack: RunningStack) -> None:
    """Garbage between good applications: each good one is decided, each bad one is kept with its reason."""
    from kafka import KafkaProducer

    row = next(iter(read_rows(stack.applications)))
    bad = [b"", b"{", b"[1]", to_json({"schema_version": 9}), to_json({"application": {**row, "AMT_CREDIT": "x"}})]
    producer = KafkaProducer(bootstrap_servers=stack.place.bootstrap)
    for i in range(20):
        producer.send(APPLICATIONS_TOPIC, key=b"poison-%d" % i, value=bad[i % len(bad)])
        producer.send(APPLICATIONS_TOPIC, key=b"x", value=to_json(envelope(row, f"good{i}-")))
    producer.flush()
    producer.close()
    assert len(records(stack, DECISIONS_TOPIC, 20, "good")) == 20
    letters = records(stack, DEAD_LETTERS_TOPIC, 20, "poison-")
    assert len(letters) == 20
    assert {bytes(letter.value or b"") for letter in letters} == set(bad)


def test_a_promotion_is_taken_up_without_one_failed_request(stack: RunningStack) -> None:
    """While callers go on, version 2 is trained and promoted: every answer is 200 and of one of the two versions."""
    clients = [row["SK_ID_CURR"] for row in itertools.islice(read_rows(stack.applications), 20)]
    with stack.client() as client:
        before = client.get("/model").json()["version"]
    stop = threading.Event()
    answers: list[tuple[int, str]] = []

    def caller() -> None:
        with stack.client() as client:
            for client_id in itertools.cycle(clients):
                if stop.is_set():
                    return
                answer = client.post("/explain", json={"sk_id_curr": client_id})
                answers.append((answer.status_code, answer.json().get("model_version", answer.text)))

    callers = [threading.Thread(target=caller) for _ in range(4)]
    for thread in callers:
        thread.start()
    try:
        trained = stack.command("train", "--seed", "7")
        assert trained.returncode == 0, trained.stderr
        promoted = stack.command("promote", "challenger", "--force", "a test of the running stack")
        assert promoted.returncode == 0, promoted.stdout + promoted.stderr
        until = time.monotonic() + 60
        while answers[-1][1] == before and time.monotonic() < until:
            time.sleep(0.1)
    finally:
        stop.set()
        for thread in callers:
            thread.join()
    assert {status for status, _ in answers} == {200}
    assert len({version for _, version in answers}) == 2
    assert answers[-1][1] != before


def test_the_documentation_is_open_and_the_rest_is_not(stack: RunningStack) -> None:
    """Without a key: health, readiness and docs; anything else is 401."""
    with httpx.Client(base_url=stack.place.http, timeout=30.0) as client:
        for path in ("/health", "/ready", "/docs", "/redoc", "/openapi.json"):
            assert client.get(path).status_code == 200
        assert client.post("/predict", json={"sk_id_curr": 1}).status_code == 401
    with stack.client() as client:
        assert client.post("/predict", json={"sk_id_curr": 1}).status_code == 404
        assert client.post("/predict", json={}).status_code == 422
