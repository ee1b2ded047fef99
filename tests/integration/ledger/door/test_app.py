"""The ledger's HTTP API over real databases."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import numpy as np
import pyarrow.parquet as pq
import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, text

from ledger.door.access_log import AccessLog
from ledger.door.app import create_app
from ledger.door.asking import LedgerParts
from ledger.errors import NoValidKey
from ledger.review.actor import Actor
from ledger.review.queue import ReviewQueue, ReviewRules
from ledger.review.statistics import ReviewStatistics
from ledger.store.engine import writing
from tests.fixtures.decisions import decision_batch
from tests.fixtures.ledger import FEATURES, VAULT, work, writer

pytestmark = pytest.mark.integration

CALLERS = {
    "reader": Actor("reader", frozenset({"read"})),
    "ann": Actor("ann", frozenset({"read", "review"}), limit=500_000.0),
    "ben": Actor("ben", frozenset({"read", "review"}), limit=500_000.0),
    "auditor": Actor("auditor", frozenset({"read", "audit"})),
}
BATCH = decision_batch(30, features=FEATURES)
BATCH.features[:, 0] = 100_000.0
BATCH.features[:, 1], BATCH.features[:, 2] = 1.0, -12_000.0
BATCH.features[0, 3] = np.nan


async def actor_of(request: Request) -> Actor:
    try:
        return CALLERS[request.headers.get("X-API-Key", "")]
    except KeyError:
        raise NoValidKey("no valid API key") from None


@pytest.fixture
def api(engine: Engine) -> Iterator[TestClient]:
    writer(engine).store(work(BATCH))
    queue = ReviewQueue(engine, VAULT, ReviewRules(300_000.0, 3.0, 1000))
    parts = LedgerParts(engine, VAULT, queue, AccessLog.beside(engine), actor_of)
    registry = CollectorRegistry()
    registry.register(ReviewStatistics(engine, days=3.0))
    with TestClient(create_app(parts, registry), headers={"X-API-Key": "ann"}) as client:
        yield client


def as_(name: str) -> dict[str, str]:
    return {"X-API-Key": name}


def test_a_receipt_says_all_of_a_decision(api: TestClient) -> None:
    """Ids, score, features by their words, contributions, reasons, versions and where it stands in Kafka."""
    got = api.get(f"/v1/decisions/{BATCH.decision_ids[0]}").json()
    assert (got["sk_id_curr"], got["application_id"], got["erased"]) == (100001, "100001", False)
    assert got["outcome"] == got["final_outcome"] == "approve"
    assert got["features"]["AMT_CREDIT"] == 100_000.0
    assert got["features"]["EXT_SOURCE_2"] is None
    assert isinstance(got["features"]["CODE_GENDER"], str)
    assert got["contributions"]["EXT_SOURCE_3"] == float(np.float32(BATCH.contributions[0, 4]))
    assert [r["code"] for r in got["reasons"]]
    assert got["policy"]["threshold"] == 0.1
    assert got["source"]["applications"] == [["applications", 0, 0, 29]]
    assert got["source"]["answer_offset"] is None


def test_lists_have_filters_and_pages(api: TestClient) -> None:
    """`next` leads through all of it; a filter narrows it; nothing in it names a client."""
    seen, after = [], None
    while True:
        got = api.get("/v1/decisions", params={"limit": 7, **({"after": after} if after else {})}).json()
        seen += [d["decision_id"] for d in got["decisions"]]
        assert not any("100001" in json.dumps(d) for d in got["decisions"])
        after = got["next"]
        if after is None:
            break
    assert sorted(seen) == sorted(BATCH.decision_ids)
    declined = api.get("/v1/decisions", params={"outcome": "decline"}).json()["decisions"]
    assert len(declined) == 10
    assert {d["outcome"] for d in declined} == {"decline"}
    (mine,) = api.get("/v1/clients/100005/decisions").json()["decisions"]
    assert mine["decision_id"] == BATCH.decision_ids[4]
    assert api.get("/v1/decisions", params={"client": 100005}).json()["decisions"] == [mine]


REFUSED = [
    ("/v1/decisions/00000000-0000-5000-8000-000000000000", 404),
    ("/v1/decisions/abc", 422),
    ("/v1/decisions?outcome=maybe", 422),
    ("/v1/decisions?reason=x", 422),
    ("/v1/decisions?after=x", 422),
    ("/v1/decisions?limit=0", 422),
    ("/v1/decisions?after=_____________________w", 422),
    ("/v1/decisions?from=10000000000000000000", 422),
    ("/v1/decisions?reason=R%D9%A1%D9%A2", 422),
    ("/v1/decisions?model_version=%00", 422),
    ("/v1/decisions?outcom=decline", 422),
    ("/v1/reviews?due_before=10000000000000000000", 422),
    ("/v1/nowhere", 404),
    ("/v1/reviews/00000000-0000-5000-8000-000000000000", 404),
    ("/v1/reviews?after=x", 422),
    ("/v1/decisions/export", 403),
]


def test_what_cannot_be_answered_is_a_problem_document(api: TestClient) -> None:
    """Each fault has its status, and says what to do."""
    answers = {path: api.get(path) for path, _ in REFUSED}
    assert {path: got.status_code for path, got in answers.items()} == dict(REFUSED)
    for path, got in answers.items():
        assert got.headers["content-type"] == "application/problem+json", path
        assert got.json()["status"] == got.status_code
        assert got.json()["detail"]


def test_a_key_does_what_its_scopes_say(api: TestClient) -> None:
    """No key, a key that may only read, a key that may not look at accesses."""
    assert api.get("/v1/decisions", headers=as_("nobody")).status_code == 401
    assert api.get("/v1/reviews", headers=as_("reader")).status_code == 403
    assert api.get("/v1/accesses", headers=as_("ann")).status_code == 403
    assert api.get("/health", headers=as_("nobody")).status_code == 200


def test_each_access_to_a_client_is_logged_by_name(api: TestClient) -> None:
    """Receipts and a client's list are in the log, and looking at the log is too."""
    api.get(f"/v1/decisions/{BATCH.decision_ids[4]}", headers=as_("reader"))
    api.get("/v1/clients/100005/decisions")
    got = api.get("/v1/accesses", params={"client": 100005}, headers=as_("auditor")).json()["accesses"]
    assert [(a["by"], a["action"]) for a in got] == [("ann", "list"), ("reader", "receipt")]
    assert got[1]["decision_id"] == BATCH.decision_ids[4]
    again = api.get("/v1/accesses", params={"client": 100005}, headers=as_("auditor")).json()["accesses"]
    assert (again[0]["by"], again[0]["action"]) == ("auditor", "accesses")


def test_a_review_over_http(api: TestClient) -> None:
    """Take, conflict, unknown reason, decide, decided already, and the final outcome on the receipt."""
    listed = api.get("/v1/reviews", params={"state": "open"}).json()["reviews"]
    assert len(listed) == 10
    number = listed[0]["review_id"]
    assert api.post(f"/v1/reviews/{number}/take").json()["assignee"] == "ann"
    assert api.post(f"/v1/reviews/{number}/take", headers=as_("ben")).status_code == 409
    made = api.post(f"/v1/reviews/{number}/files", params={"name": "a.txt"}, content=b"payslip").json()["id"]
    assert api.get(f"/v1/reviews/{number}/files/{made}").content == b"payslip"
    unknown = api.post(f"/v1/reviews/{number}/decide", json={"verdict": "overturn", "reason": "because"})
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["field"] == "reason"
    body = {"verdict": "overturn", "reason": "documents_shown", "text": "Seen."}
    assert api.post(f"/v1/reviews/{number}/decide", json=body, headers=as_("ben")).status_code == 409
    decided = api.post(f"/v1/reviews/{number}/decide", json=body).json()
    assert decided["state"] == "closed"
    assert api.post(f"/v1/reviews/{number}/decide", json=body).status_code == 409
    detail = api.get(f"/v1/reviews/{number}").json()
    assert [e["kind"] for e in detail["events"]] == ["take", "attach", "decide"]
    assert decided["final_outcome"] == detail["if_overturned"]
    receipt = api.get(f"/v1/decisions/{decided['decision_id']}").json()
    assert (receipt["outcome"], receipt["final_outcome"]) == ("refer", decided["final_outcome"])
    assert 'loanstream_reviews_overturned_ratio{by="reason",value="documents_shown"} 1.0' in api.get("/metrics").text


def test_feedback_and_contest_are_kept_with_their_words(api: TestClient) -> None:
    """Who talks to applicants may leave both, and judges neither; the receipt has them."""
    number, reader = BATCH.decision_ids[2], as_("reader")
    said = {"kind": "wrong_prediction", "comment": "He paid."}
    assert api.post(f"/v1/decisions/{number}/feedback", json=said, headers=reader).status_code == 201
    contested = api.post(f"/v1/decisions/{number}/contest", json={"statement": "I earn more."}, headers=reader)
    assert contested.status_code == 201
    review = f"/v1/reviews/{contested.json()['review_id']}"
    assert api.post(f"{review}/take", headers=reader).status_code == 403
    assert api.post(f"/v1/decisions/{number}/contest", json={"statement": "Again."}).status_code == 409
    receipt = api.get(f"/v1/decisions/{number}").json()
    assert [(f["by"], f["kind"], f["comment"]) for f in receipt["feedback"]] == [
        ("reader", "wrong_prediction", "He paid.")
    ]
    assert [r["cause"] for r in receipt["reviews"]] == ["contest"]
    assert 'loanstream_feedback_total{kind="wrong_prediction"} 1.0' in api.get("/metrics").text
    assert api.get(review).json()["events"][0]["text"] == "I earn more."


def test_a_look_through_another_door_is_noted_under_the_callers_name(api: TestClient) -> None:
    """Whoever is known may say so of themselves; who is not known, or looks at nothing, is refused."""
    look = {"action": "simulation", "sk_id_curr": 100005}
    assert api.post("/v1/accesses", json=look, headers=as_("reader")).status_code == 204
    assert api.post("/v1/accesses", json=look, headers=as_("")).status_code == 401
    assert api.post("/v1/accesses", json=look | {"action": "guess"}).status_code == 422
    listed = api.get("/v1/accesses", params={"client": 100005}, headers=as_("auditor")).json()["accesses"]
    assert [(one["by"], one["action"]) for one in listed] == [("reader", "simulation")]


def test_feedback_is_read_by_those_who_look_after_the_model(api: TestClient) -> None:
    """Newest first, a page at a time, by kind and version; whoever gave it does not read the others'."""
    for place, kind in enumerate(("comment", "wrong_prediction", "comment")):
        said = {"kind": kind, "comment": f"Remark {place}."}
        assert api.post(f"/v1/decisions/{BATCH.decision_ids[place]}/feedback", json=said).status_code == 201
    assert api.get("/v1/feedback", headers=as_("reader")).status_code == 403
    first = api.get("/v1/feedback", params={"limit": 2}, headers=as_("auditor")).json()
    rest = api.get("/v1/feedback", params={"limit": 2, "after": first["next"]}, headers=as_("auditor")).json()
    together = [*first["feedback"], *rest["feedback"]]
    assert rest["next"] is None
    assert {(one["decision_id"], one["comment"]) for one in together} == {
        (BATCH.decision_ids[place], f"Remark {place}.") for place in range(3)
    }
    assert [one["at"] for one in together] == sorted((one["at"] for one in together), reverse=True)
    assert {(one["model_version"], one["by"]) for one in together} == {("1", together[0]["by"])}
    wrong = api.get("/v1/feedback", params={"kind": "wrong_prediction"}, headers=as_("auditor")).json()["feedback"]
    assert [one["comment"] for one in wrong] == ["Remark 1."]
    assert api.get("/v1/feedback", params={"model_version": "9"}, headers=as_("auditor")).json()["feedback"] == []
    assert api.get("/v1/feedback", params={"after": "x"}, headers=as_("auditor")).status_code == 422


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_exports_hold_the_filtered_list(api: TestClient, kind: str) -> None:
    """All three formats hold the same ids."""
    got = api.get("/v1/decisions/export", params={"format": kind, "outcome": "approve"}, headers=as_("auditor"))
    if kind == "parquet":
        found = pq.read_table(io.BytesIO(got.content)).column("decision_id").to_pylist()
    elif kind == "jsonl":
        found = [json.loads(line)["decision_id"] for line in got.text.splitlines()]
    else:
        head, *lines = got.text.splitlines()
        assert head.startswith("decision_id,decided_at")
        found = [line.split(",")[0] for line in lines]
    assert sorted(found) == sorted(BATCH.decision_ids[0::3])


def test_an_altered_payload_is_not_passed_off_as_erased(api: TestClient, engine: Engine) -> None:
    """A box that its client's key does not open is an error that says so; the decision stays in the lists."""
    with writing(engine) as connection:
        connection.execute(text("UPDATE payloads SET sealed = :other"), {"other": bytes(200)})
    got = api.get(f"/v1/decisions/{BATCH.decision_ids[1]}")
    assert got.status_code == 500
    assert "altered" in got.json()["detail"]
    assert len(api.get("/v1/decisions").json()["decisions"]) == len(BATCH)


def test_the_api_is_documented(api: TestClient) -> None:
    """Every route is in the OpenAPI document with its problem answers."""
    paths = api.get("/openapi.json").json()["paths"]
    for path in ("/v1/decisions", "/v1/decisions/{decision_id}", "/v1/reviews/{review_id}/decide"):
        for operation in paths[path].values():
            assert {"409", "422", "503"} <= set(operation["responses"])
    assert api.get("/ready").json() == {"status": "ready"}
