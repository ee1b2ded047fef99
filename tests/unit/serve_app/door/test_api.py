"""The HTTP API whole: gate, bare routes and documented ones, over a graph made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from access.check import AccessCheck
from access.keyring import Keyring
from credit.application import ApplicationBatch, FloatArray, IntArray
from credit.decision import DecisionBatch
from credit.errors import DependencyUnavailable, LoanstreamError, NotReady, Overloaded
from credit.features import CATALOG
from credit.schema import COLUMN_INDEX
from credit.wire.decision import DecisionMessage
from serve_app.counterfactual.search import Proposals
from serve_app.door.api import documented_api
from serve_app.door.asgi import HttpApi
from serve_app.door.bodies import DecisionsAnswer, ExplainedPrediction, Prediction, Problem, SimulationsAnswer
from serve_app.door.gate import Gate
from serve_app.door.routes import BareRoutes
from serve_app.door.service import HttpLimits, HttpService
from serve_app.insight.questions import InsightQuestion
from serve_app.steps.lookup import ClientsOnFile, KnownHistory
from tests.fixtures.decisions import decision_batch

KEY = "a key"
ROW: dict[str, Any] = {
    "SK_ID_CURR": 100001,
    "NAME_CONTRACT_TYPE": "Cash loans",
    "AMT_INCOME_TOTAL": 135000.0,
    "AMT_CREDIT": 568800,
    "DAYS_BIRTH": -19241,
}


class FakeGraph:
    """Knows client 100001; decides whatever it is given, or fails as told."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.is_ready = True
        self.decided: list[ApplicationBatch] = []
        self.simulated: list[ApplicationBatch] = []

    async def decide(self, batch: ApplicationBatch, door: str, history: KnownHistory | None = None) -> DecisionBatch:
        if self.failure:
            raise self.failure
        self.decided.append(batch)
        return replace(decision_batch(len(batch), first_id=int(batch.client_ids[0])), applications=batch)

    async def simulate(self, batch: ApplicationBatch, history: KnownHistory | None = None) -> DecisionBatch:
        self.simulated.append(batch)
        return replace(decision_batch(len(batch)), applications=batch)

    async def propose(self, client_id: int, values: FloatArray, below: float | None) -> Proposals:
        return Proposals((), 100, 100)

    async def on_file(self, client_ids: IntArray) -> ClientsOnFile:
        n = len(client_ids)
        rows = [json.dumps(ROW).encode() if i == 100001 else None for i in client_ids]
        vectors = np.full((n, len(CATALOG.history_names)), np.nan, dtype=np.float32)
        vectors[:, 0] = 3.0
        return ClientsOnFile(rows, KnownHistory(vectors, np.ones(n, dtype=np.bool_)))

    async def clients(self, prefix: str, limit: int) -> list[int]:
        return [100001][:limit] if "100001".startswith(prefix) else []

    async def insight(self, question: InsightQuestion) -> bytes:
        raise NotReady("no model is loaded yet")

    async def describe(self) -> dict[str, Any]:
        raise NotReady("no model is loaded yet")

    async def ready(self) -> bool:
        return self.is_ready


class FakeAuditLog:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.kept: list[DecisionBatch] = []

    async def append(self, decisions: DecisionBatch) -> None:
        self.kept.append(decisions)


class Observed:
    """What was counted."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, int]] = []

    def answered(self, path: str, status: int, seconds: float) -> None:
        assert seconds >= 0
        self.requests.append((path, status))


@pytest.fixture
def graph() -> FakeGraph:
    return FakeGraph()


@pytest.fixture
def audit() -> FakeAuditLog:
    return FakeAuditLog()


@pytest.fixture
def observed() -> Observed:
    return Observed()


@pytest.fixture
def client(graph: FakeGraph, audit: FakeAuditLog, observed: Observed) -> TestClient:
    service = HttpService(graph, audit, HttpLimits(64, 512, 2))
    bare = BareRoutes(service)
    app = HttpApi(Gate(AccessCheck(Keyring(None, KEY))), bare.table(), documented_api(service, bare), observed)
    return TestClient(app, headers={"X-API-Key": KEY})


def test_predict_answers_by_client(client: TestClient) -> None:
    """A client on file is decided; score is the probability of approval."""
    answer = client.post("/predict", json={"sk_id_curr": 100001})
    assert answer.status_code == 200
    body = Prediction.model_validate(answer.json())
    assert body.decision == "ACCORD"
    assert body.score == body.probability_approval == 1 - body.probability_refusal


def test_explain_adds_up(client: TestClient) -> None:
    """Explain gives base value, every contribution and the reasons."""
    body = ExplainedPrediction.model_validate(client.post("/explain", json={"sk_id_curr": 100001}).json())
    assert len(body.contributions) == 20
    assert body.reasons[0].code.startswith("R")


def test_a_full_application_gets_a_full_decision(client: TestClient, graph: FakeGraph) -> None:
    """One application is answered like one on the stream."""
    answer = client.post("/v1/decisions", json={"application_id": "A-1", "application": ROW})
    (decision,) = DecisionsAnswer.model_validate(answer.json()).decisions
    assert isinstance(decision, DecisionMessage)
    assert graph.decided[0].application_ids == ["A-1"]


def test_several_applications_are_answered_in_order(client: TestClient, graph: FakeGraph) -> None:
    """Several go through as one batch, in the order in which they came."""
    rows = [{"application": {**ROW, "SK_ID_CURR": 100001 + i}} for i in range(5)]
    answer = client.post("/v1/decisions", json={"applications": rows})
    assert [d["sk_id_curr"] for d in answer.json()["decisions"]] == [100001 + i for i in range(5)]
    assert len(graph.decided) == 1


def test_an_invalid_body_names_each_field(client: TestClient) -> None:
    """422 as problem+json; among several applications the place is named too."""
    bad = {**ROW, "AMT_CREDIT": "much", "EXT_SOURCE2": 1}
    one = client.post("/v1/decisions", json={"application": bad})
    assert one.status_code == 422
    assert one.headers["content-type"] == "application/problem+json"
    assert {e["field"] for e in one.json()["errors"]} == {"application.AMT_CREDIT", "application.EXT_SOURCE2"}
    two = client.post("/v1/decisions", json={"applications": [{"application": ROW}, {"application": bad}]})
    assert "applications.1.application.AMT_CREDIT" in {e["field"] for e in two.json()["errors"]}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"applications": []}', b'{"applications": 3}', b"\xff"])
def test_no_body_breaks_the_door(client: TestClient, body: bytes) -> None:
    """Whatever is posted, the answer is a 422 with a problem document."""
    answer = client.post("/v1/decisions", content=body)
    assert answer.status_code == 422
    Problem.model_validate(answer.json())


@pytest.mark.parametrize("body", [{}, {"sk_id_curr": "x"}, {"sk_id_curr": 0}, {"sk_id_curr": 1, "more": 2}])
def test_an_invalid_client_is_named(client: TestClient, body: dict[str, Any]) -> None:
    """The short routes name their fields too."""
    answer = client.post("/predict", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"]


@pytest.mark.parametrize("path", ["/predict", "/explain"])
def test_an_unknown_client_is_404(client: TestClient, path: str) -> None:
    """No application on file is said so."""
    answer = client.post(path, json={"sk_id_curr": 5})
    assert answer.status_code == 404
    assert "client 5" in answer.json()["detail"]


def test_what_is_on_file_can_be_read(client: TestClient) -> None:
    """A client's application and the history that is known of it."""
    body = client.get("/clients/100001").json()
    assert body["application"]["AMT_CREDIT"] == 568800
    assert body["history"] == {CATALOG.history_names[0]: 3.0}
    assert client.get("/clients/7").status_code == 404


@pytest.mark.parametrize(
    ("failure", "status"),
    [(Overloaded("full", 3.0), 429), (NotReady("wait"), 503), (DependencyUnavailable("away"), 503)],
)
def test_what_may_pass_says_when_to_come_back(
    client: TestClient, graph: FakeGraph, failure: LoanstreamError, status: int
) -> None:
    """Overload and absence are told apart, both with Retry-After."""
    graph.failure = failure
    answer = client.post("/predict", json={"sk_id_curr": 100001})
    assert answer.status_code == status
    assert int(answer.headers["Retry-After"]) >= 1


def test_health_and_ready_differ(client: TestClient, graph: FakeGraph) -> None:
    """Health is of the process, readiness is of the model."""
    graph.is_ready = False
    assert client.get("/health").status_code == 200
    assert client.get("/ready").status_code == 503
    assert client.get("/model").status_code == 503


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/predict"), ("POST", "/v1/decisions"), ("GET", "/model"), ("GET", "/clients/100001")]
)
def test_everything_but_health_and_docs_needs_the_key(client: TestClient, method: str, path: str) -> None:
    """Without the key, or with another, nothing is told."""
    assert client.request(method, path, headers={"X-API-Key": ""}).status_code == 401
    assert client.request(method, path, headers={"X-API-Key": "another"}).status_code == 401
    for open_path in ("/health", "/ready", "/docs", "/redoc", "/openapi.json"):
        assert client.get(open_path, headers={"X-API-Key": ""}).status_code == 200


def test_the_documentation_knows_both_bodies_of_decisions(client: TestClient) -> None:
    """Every reference in the schema resolves, and the application's columns are listed."""
    schema = client.get("/openapi.json").json()
    text = json.dumps(schema)
    components = schema["components"]["schemas"]
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in components
    assert "EXT_SOURCE_2" in components["ApplicationRow"]["properties"]


def test_requests_are_counted_by_route_not_by_client(client: TestClient, observed: Observed) -> None:
    """A label never carries an applicant's id."""
    client.get("/clients/100001")
    client.get("/nowhere/at/all")
    client.post("/explain", json={"sk_id_curr": 100001})
    client.post("/explain", json={"sk_id_curr": 5})
    client.post("/predict", json={"sk_id_curr": 5}, headers={"X-API-Key": ""})
    expected = [("/clients/{sk_id_curr}", 200), ("other", 404), ("/explain", 200), ("/explain", 404), ("/predict", 401)]
    assert observed.requests == expected


def test_what_is_answered_was_audited(client: TestClient, audit: FakeAuditLog) -> None:
    """The answer's decision is among those that the audit log took."""
    answer = client.post("/explain", json={"sk_id_curr": 100001}).json()
    assert answer["decision_id"] in audit.kept[0].decision_ids


def test_a_simulation_is_told_whole_and_kept_nowhere(client: TestClient, graph: FakeGraph, audit: FakeAuditLog) -> None:
    """A client's application with other cells is decided, explained, marked, and neither audited nor decided."""
    body = {"sk_id_curr": 100001, "overrides": {"AMT_CREDIT": 1234.0, "AMT_ANNUITY": None}}
    answer = client.post("/v1/simulations", json=body)
    assert answer.status_code == 200, answer.text
    (simulation,) = SimulationsAnswer.model_validate(answer.json()).simulations
    assert simulation.decision.application_id == "simulation/100001"
    assert len(simulation.contributions) == 20
    batch = graph.simulated[0]
    assert batch.values[0, COLUMN_INDEX["AMT_CREDIT"]] == 1234.0
    assert batch.values[0, COLUMN_INDEX["DAYS_BIRTH"]] == ROW["DAYS_BIRTH"]
    assert (graph.decided, audit.kept) == ([], [])


def test_whole_applications_can_be_simulated_too(client: TestClient, graph: FakeGraph) -> None:
    """One or several, as for decisions; their ids are marked."""
    rows = [{"application_id": f"A-{i}", "application": ROW} for i in range(3)]
    answers = client.post("/v1/simulations", json={"applications": rows}).json()["simulations"]
    assert [one["decision"]["application_id"] for one in answers] == [
        "simulation/A-0",
        "simulation/A-1",
        "simulation/A-2",
    ]
    assert client.post("/v1/simulations", json=rows[0]).status_code == 200


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"AMT_CREDIT": "much"}, "overrides.AMT_CREDIT"),
        ({"AMT_CREDITS": 1}, "overrides.AMT_CREDITS"),
        ({"SK_ID_CURR": 7}, "overrides.SK_ID_CURR"),
    ],
)
def test_an_override_that_cannot_be_is_named(client: TestClient, overrides: dict[str, Any], field: str) -> None:
    """422 names the column as the caller wrote it."""
    answer = client.post("/v1/simulations", json={"sk_id_curr": 100001, "overrides": overrides})
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json()["errors"]}


def test_a_counterfactual_is_told_and_kept_nowhere(client: TestClient, graph: FakeGraph, audit: FakeAuditLog) -> None:
    """By client, behind the key: decided as a simulation, not audited; a client without an application is 404."""
    answer = client.post("/v1/counterfactuals", json={"sk_id_curr": 100001, "below": 0.001})
    assert answer.status_code == 200
    assert answer.json()["status"] == "none_within_reach"
    assert graph.simulated[0].application_ids == ["simulation/100001"]
    assert not audit.kept
    assert client.post("/v1/counterfactuals", json={"sk_id_curr": 5}).status_code == 404
    assert client.post("/v1/counterfactuals", json={"sk_id_curr": 100001}, headers={"X-API-Key": ""}).status_code == 401
    assert "/v1/counterfactuals" in client.get("/openapi.json").json()["paths"]


def test_a_fault_of_ours_is_a_problem_document(client: TestClient, graph: FakeGraph) -> None:
    """What nobody foresaw is 500, without its inner workings, and the door goes on."""
    graph.failure = ZeroDivisionError("inner workings")
    answer = client.post("/predict", json={"sk_id_curr": 100001})
    assert answer.status_code == 500
    assert "inner workings" not in answer.text
    graph.failure = None
    assert client.post("/predict", json={"sk_id_curr": 100001}).status_code == 200
