"""The routes that tell of the model, over a small real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from access.caller import AccessScope
from access.check import AccessCheck
from access.keyring import Keyring
from access.routes import scope_of
from credit.errors import NotReady
from credit.features import CATALOG
from serve_app.door.api import documented_api
from serve_app.door.asgi import HttpApi
from serve_app.door.audit_log import NoAuditLog
from serve_app.door.gate import Gate
from serve_app.door.insight_bodies import (
    CatalogAnswer,
    ClientIdsAnswer,
    DependenceAnswer,
    ImportanceAnswer,
    ModelPageAnswer,
    SampleAnswer,
    SimilarAnswer,
    VersionAnswer,
)
from serve_app.door.reading import unknown
from serve_app.door.routes import BareRoutes
from serve_app.door.service import HttpLimits, HttpService
from serve_app.insight.insights import ModelInsights
from serve_app.insight.questions import InsightQuestion
from serve_app.models.registered_versions import RegisteredVersion
from serve_app.models.shelf import ModelShelf
from serve_app.models.sources import FolderSource
from serve_app.steps.lookup import ClientsOnFile, KnownHistory
from tests.fixtures.told_model import write_told_model

ROW = {
    "SK_ID_CURR": 100_001,
    "NAME_CONTRACT_TYPE": "Cash loans",
    "AMT_INCOME_TOTAL": 150_000.0,
    "AMT_CREDIT": 900_000.0,
    "DAYS_BIRTH": -12_000,
    "EXT_SOURCE_2": 0.55,
}
PAGES: tuple[tuple[str, Any], ...] = (
    ("/v1/clients", ClientIdsAnswer),
    ("/v1/catalog", CatalogAnswer),
    ("/v1/model", ModelPageAnswer),
    ("/v1/model/versions", list[VersionAnswer]),
    ("/v1/model/importance", ImportanceAnswer),
    ("/v1/model/importance?top=3&points=0", ImportanceAnswer),
    ("/v1/model/dependence?feature=DAYS_BIRTH&points=50", DependenceAnswer),
    ("/v1/model/sample?features=AMT_CREDIT,NAME_CONTRACT_TYPE&limit=50", SampleAnswer),
)


class Registered:
    """One version."""

    def registered(self) -> list[RegisteredVersion]:
        return [RegisteredVersion("1", 0, ("champion",), {"auc": 0.7}, {"digest": "d"})]


class TellingGraph:
    """A graph that only tells: of a small model, and of client 100001."""

    def __init__(self, folder: Path) -> None:
        shelf = ModelShelf(FolderSource(folder))
        shelf.refresh()
        self._insights = ModelInsights(shelf, Registered())
        self.failure: Exception | None = None

    async def clients(self, prefix: str, limit: int) -> list[int]:
        return [client for client in (100_001, 100_002) if str(client).startswith(prefix)][:limit]

    async def insight(self, question: InsightQuestion) -> bytes:
        if self.failure is not None:
            raise self.failure
        return self._insights.answer(question)

    async def on_file(self, client_ids: Any) -> ClientsOnFile:
        if client_ids.tolist() != [100_001]:
            raise unknown(int(client_ids[0]))
        return ClientsOnFile([orjson.dumps(ROW)], KnownHistory.nothing(1, len(CATALOG.history_names)))


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> TellingGraph:
    return TellingGraph(write_told_model(tmp_path_factory.mktemp("told")))


@pytest.fixture(scope="module")
def app(graph: Any) -> FastAPI:
    service = HttpService(graph, NoAuditLog(), HttpLimits(64, 512, 2))
    return documented_api(service, BareRoutes(service))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(("path", "shape"), PAGES)
def test_every_answer_is_as_documented(client: TestClient, path: str, shape: Any) -> None:
    """No field too many and none of another kind, read as the documentation says."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    TypeAdapter(shape).validate_json(answer.content)
    assert scope_of("GET", path.partition("?")[0]) is AccessScope.READ


def test_clients_are_suggested_by_their_first_digits(client: TestClient) -> None:
    """As many as asked for."""
    assert client.get("/v1/clients", params={"prefix": "1000"}).json() == {"clients": [100_001, 100_002]}
    assert client.get("/v1/clients", params={"prefix": "1000", "limit": 1}).json() == {"clients": [100_001]}
    assert client.get("/v1/clients", params={"prefix": "2"}).json() == {"clients": []}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/clients?prefix=01", "query.prefix"),
        ("/v1/clients?prefix=12345678901234567890", "query.prefix"),
        ("/v1/clients?prefix=1x", "query.prefix"),
        ("/v1/clients?limit=101", "query.limit"),
        ("/v1/model/importance?top=0", "query.top"),
        ("/v1/model/importance?points=1001", "query.points"),
        ("/v1/model/dependence", "query.feature"),
        ("/v1/model/dependence?feature=DAYS_BIRTH&points=5001", "query.points"),
        ("/v1/model/sample?features=AMT_CREDIT&limit=0", "query.limit"),
        ("/v1/model/sample?features=AMT_CREDIT,", "query.features"),
        ("/v1/model/sample?features=" + ",".join(f"F{i}" for i in range(17)), "query.features"),
    ],
)
def test_no_parameter_goes_beyond_its_bounds(client: TestClient, path: str, field: str) -> None:
    """422, and which one it was."""
    answer = client.get(path)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("path", ["/v1/model/dependence?feature=SHOE_SIZE", "/v1/model/sample?features=SHOE_SIZE"])
def test_an_unknown_feature_is_not_found(client: TestClient, path: str) -> None:
    """And the answer says where those that are known are listed."""
    answer = client.get(path)
    assert answer.status_code == 404
    assert "/v1/catalog" in answer.json()["detail"]


@pytest.mark.parametrize(
    "named",
    [
        {"sk_id_curr": 100_001},
        {"application": {"application": ROW}},
        {"features": {"AMT_CREDIT": 900_000.0, "NAME_CONTRACT_TYPE": "Cash loans", "DAYS_EMPLOYED": None}},
    ],
)
def test_an_applicant_is_compared_however_it_is_named(client: TestClient, named: dict[str, Any]) -> None:
    """On file, sent whole or by features: the same nearest ones, where the same is known."""
    body = {**named, "by": ["AMT_CREDIT", "NAME_CONTRACT_TYPE"], "show": ["DAYS_EMPLOYED"], "count": 5}
    answer = client.post("/v1/model/similar", json=body)
    assert answer.status_code == 200, answer.text
    told = SimilarAnswer.model_validate_json(answer.content)
    assert told.client == {"AMT_CREDIT": 900_000.0, "NAME_CONTRACT_TYPE": "Cash loans", "DAYS_EMPLOYED": None}
    same = {"features": {"AMT_CREDIT": 900_000, "NAME_CONTRACT_TYPE": "Cash loans"}, "by": body["by"], "count": 5}
    assert told.distance == client.post("/v1/model/similar", json=same).json()["distance"]


def test_a_stranger_is_compared_with_nobody(client: TestClient) -> None:
    """404, as wherever a client is named."""
    assert client.post("/v1/model/similar", json={"sk_id_curr": 5, "by": ["AMT_CREDIT"]}).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"by": ["AMT_CREDIT"]}, ""),
        ({"sk_id_curr": 100_001, "features": {}, "by": ["AMT_CREDIT"]}, ""),
        ({"sk_id_curr": 100_001, "by": []}, "by"),
        ({"sk_id_curr": 100_001, "by": ["AMT_CREDIT"] * 17}, "by"),
        ({"sk_id_curr": 100_001, "by": ["AMT_CREDIT"], "count": 5001}, "count"),
        ({"features": {"AMT_CREDIT": "much"}, "by": ["AMT_CREDIT"]}, "features.AMT_CREDIT"),
        ({"features": {"NAME_CONTRACT_TYPE": 1}, "by": ["NAME_CONTRACT_TYPE"]}, "features.NAME_CONTRACT_TYPE"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused(client: TestClient, body: dict[str, Any], field: str) -> None:
    """422, and what is wrong with it."""
    answer = client.post("/v1/model/similar", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


def test_without_a_model_the_answer_says_to_wait(client: TestClient, graph: TellingGraph) -> None:
    """503 with a time to try again, as on every other route."""
    graph.failure = NotReady("no model is loaded yet")
    try:
        answer = client.get("/v1/model")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "2"
        assert client.get("/v1/clients").status_code == 200
    finally:
        graph.failure = None


def test_nobody_reads_without_a_key(app: FastAPI) -> None:
    """Through the gate, with and without."""

    class Nobody:
        def answered(self, path: str, status: int, seconds: float) -> None:
            pass

    door = TestClient(HttpApi(Gate(AccessCheck(Keyring(None, "a key"))), {}, app, Nobody()))
    for path, _ in PAGES:
        assert door.get(path).status_code == 401
        assert door.get(path, headers={"X-API-Key": "a key"}).status_code == 200
    assert door.post("/v1/model/similar", json={}).status_code == 401
    assert scope_of("POST", "/v1/model/similar") is AccessScope.READ


def test_the_documentation_lists_every_route_with_its_answer(client: TestClient) -> None:
    """A person who reads /docs finds the shapes that these tests hold answers against."""
    schema = client.get("/openapi.json").json()
    for path in {path.partition("?")[0] for path, _ in PAGES}:
        content = schema["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert content["$ref" if "$ref" in content else "items"]
    assert "SimilarRequest" in schema["components"]["schemas"]
