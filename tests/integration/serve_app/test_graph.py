"""The Serve graph on real Ray and a real broker: two doors, one path, one version a decision."""

from __future__ import annotations

import httpx
import pytest
from pydantic_core import to_json

from credit.wire.audit import decode_audit
from credit.wire.topics import APPLICATIONS_TOPIC, AUDIT_TOPIC, DEAD_LETTERS_TOPIC, DECISIONS_TOPIC
from streaming.feed import envelope, read_rows
from streaming.kafka.reading import read_topics
from tests.fixtures.stack import RunningStack
from tests.integration.serve_app.doors import decided_by_http, decided_by_kafka, records
from tests.integration.serve_app.under_load import answers_during

pytestmark = pytest.mark.integration
COUNT = 300


def audited_ids(stack: RunningStack) -> set[str]:
    """Return the ids of all decisions in the audit topic now."""
    audits = [decode_audit(record.value or b"") for record in read_topics(stack.place.bootstrap, [AUDIT_TOPIC])]
    return {decision_id for audit in audits for decision_id in audit.decision_ids}


def test_both_doors_give_the_same_decision(stack: RunningStack) -> None:
    """Hundreds of applications get the same id, probability, outcome and reasons by Kafka and by HTTP, to the bit."""
    by_kafka = decided_by_kafka(stack, COUNT, "both-")
    assert decided_by_http(stack, COUNT, "both-") == by_kafka
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
    row = next(iter(read_rows(stack.applications)))
    with stack.client() as client:
        body = {"application_id": "audited-1", "application": row}
        decision = client.post("/v1/decisions", content=to_json(body)).json()["decisions"][0]
    assert decision["decision_id"] in audited_ids(stack)


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
    with stack.client() as client:
        before = client.get("/model").json()["version"]

    def promote() -> None:
        for command in (("train", "--seed", "7"), ("promote", "challenger", "--force", "a test of the running stack")):
            done = stack.command(*command)
            assert done.returncode == 0, done.stdout + done.stderr

    answers = answers_during(stack, promote, until=lambda answer: answer.model_version != before)
    assert {answer.status for answer in answers} == {200}
    assert len({answer.model_version for answer in answers}) == 2


def test_a_simulation_decides_and_leaves_no_trace(stack: RunningStack) -> None:
    """A client's application with another amount is decided and explained; the audit topic gets nothing of it."""
    row = next(iter(read_rows(stack.applications)))
    before = audited_ids(stack)
    body = {"sk_id_curr": row["SK_ID_CURR"], "overrides": {"AMT_CREDIT": 2 * row["AMT_CREDIT"]}}
    with stack.client() as client:
        as_it_is = client.post("/v1/simulations", json={"sk_id_curr": row["SK_ID_CURR"]}).json()["simulations"][0]
        other = client.post("/v1/simulations", json=body).json()["simulations"][0]
        real = client.post("/predict", json={"sk_id_curr": row["SK_ID_CURR"]}).json()
    assert as_it_is["decision"]["probability_of_default"] == real["probability_refusal"]
    assert other["raw_score"] != as_it_is["raw_score"]
    total = other["base_value"] + sum(other["contributions"].values())
    assert total == pytest.approx(other["raw_score"], abs=1e-8)
    simulated = {one["decision"]["decision_id"] for one in (as_it_is, other)}
    assert not simulated & (audited_ids(stack) - before)


def test_the_documentation_is_open_and_the_rest_is_not(stack: RunningStack) -> None:
    """Without a key: health, readiness and docs; anything else is 401."""
    with httpx.Client(base_url=stack.place.http, timeout=30.0) as client:
        for path in ("/health", "/ready", "/docs", "/redoc", "/openapi.json"):
            assert client.get(path).status_code == 200
        assert client.post("/predict", json={"sk_id_curr": 1}).status_code == 401
    with stack.client() as client:
        assert client.post("/predict", json={"sk_id_curr": 1}).status_code == 404
        assert client.post("/predict", json={}).status_code == 422
