"""The route of counterfactuals."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import orjson
import pytest
from fastapi import FastAPI

from credit.application import ApplicationBatch
from credit.errors import UnknownClient
from credit.features import CATALOG
from serve_app.counterfactual.answer import CounterfactualAnswer
from serve_app.counterfactual.local import LocalCounterfactuals
from serve_app.door.counterfactuals import CounterfactualRoute, counterfactual_routes
from serve_app.door.reading import unknown
from serve_app.models.sources import FolderSource
from serve_app.steps.local_graph import LocalGraph
from serve_app.steps.lookup import KnownHistory
from tests.fixtures.loans import ForgetfulStore, lending_model

ROW = {
    "SK_ID_CURR": 100_002,
    "NAME_CONTRACT_TYPE": "Cash loans",
    "AMT_INCOME_TOTAL": 150_000.0,
    "AMT_CREDIT": 900_000.0,
    "AMT_ANNUITY": 40_000.0,
    "AMT_GOODS_PRICE": 700_000.0,
    "DAYS_BIRTH": -12_000,
    "DAYS_EMPLOYED": -900,
    "FLAG_WORK_PHONE": 0,
    "EXT_SOURCE_2": 0.55,
}


class LocalService:
    """A replica that searches in this process; client 100002 has an application on file."""

    def __init__(self, search: LocalCounterfactuals) -> None:
        self.search = search

    async def on_file(self, client_id: int) -> tuple[bytes, KnownHistory]:
        if client_id != ROW["SK_ID_CURR"]:
            raise unknown(client_id)
        return orjson.dumps(ROW), KnownHistory.nothing(1, len(CATALOG.history_names))

    async def counterfactual(self, application: ApplicationBatch, below: float | None) -> CounterfactualAnswer:
        return self.search.find(application, below)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    store = ForgetfulStore()
    graph = LocalGraph(FolderSource(lending_model(tmp_path_factory.mktemp("model"))), store)
    app = FastAPI()
    app.include_router(counterfactual_routes(CounterfactualRoute(LocalService(LocalCounterfactuals(graph, store)))))
    return app


def post(app: FastAPI, body: dict[str, Any]) -> httpx.Response:
    async def sent() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
            return await client.post("/v1/counterfactuals", json=body)

    return asyncio.run(sent())


def test_an_application_and_the_same_on_file_get_the_same_answer(app: FastAPI) -> None:
    """Sent whole or named by its client: the same changes, decided again."""
    sent, named = post(app, {"application": {"application": ROW}}), post(app, {"sk_id_curr": 100_002})
    assert sent.status_code == named.status_code == 200
    body = sent.json()
    assert body["simulation"] is True
    assert body["status"] == "found"
    assert body["decided_again"] is True
    assert body["decision"]["outcome"] == "approve"
    assert {f["field"] for c in body["changes"] for f in c["fields"]} <= set(CATALOG.index)
    assert named.json()["changes"] == body["changes"]
    CounterfactualAnswer.model_validate(body)


def test_a_bound_is_kept(app: FastAPI) -> None:
    """`below` asks for a margin."""
    body = post(app, {"sk_id_curr": 100_002, "below": 0.15}).json()
    assert body["threshold"] == 0.15
    assert body["status"] != "found" or body["decision"]["probability_of_default"] < 0.15


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sk_id_curr": 100_002, "application": {"application": ROW}},
        {"sk_id_curr": 100_002, "below": 0},
        {"application": {"application": ROW | {"AMT_CREDIT": None}}},
        {"application": {"application": ROW, "submitted_at": "2001-01-01T00:00:00Z"}},
    ],
)
def test_a_body_that_cannot_be_read_is_refused(app: FastAPI, body: dict[str, Any]) -> None:
    """Neither, both, a bound that nobody can keep, a missing column, a time long ago: 422."""
    assert post(app, body).status_code == 422


def test_a_client_without_an_application_is_an_error_of_ours(app: FastAPI) -> None:
    """The door's own handler makes a problem document of it."""
    with pytest.raises(UnknownClient):
        post(app, {"sk_id_curr": 5})
