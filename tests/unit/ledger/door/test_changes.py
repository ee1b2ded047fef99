"""What would have changed a stored decision, asked of a deciding API that a test stands in for."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from credit.errors import DependencyUnavailable
from ledger.door.changes import DecidingApi
from ledger.errors import Erased, InvalidRequest
from ledger.query.receipt import Receipt


def receipt(
    probability: float = 0.25, erased: bool = False, kept: dict[str, float | str | None] | None = None
) -> Receipt:
    values = {"AMT_CREDIT": 200_000.0, "CODE_GENDER": 1.0, "AMT_ANNUITY": float("nan"), "CREDIT_OVER_INCOME": 3.0}
    personal = None if erased else SimpleNamespace(client_id=100_007)
    row = SimpleNamespace(decision_id="d-1", probability=probability)
    return cast("Receipt", SimpleNamespace(personal=personal, row=row, values=lambda: values, application=lambda: kept))


class Api:
    """Answers as the deciding API does, and remembers what it was asked."""

    def __init__(self, on_file: int = 200, search: int = 200, probability: float = 0.25) -> None:
        self.on_file, self.search, self.probability = on_file, search, probability
        self.asked: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["X-API-Key"] == "key"
        if request.method == "GET":
            application = {"SK_ID_CURR": 100_007, "AMT_CREDIT": 1.0, "AMT_GOODS_PRICE": 180_000.0, "not_a_column": 2}
            return httpx.Response(self.on_file, json={"application": application})
        self.asked.append(json.loads(request.content))
        return httpx.Response(self.search, json={"status": "found", "probability_of_default": self.probability})


def asking(api: Api) -> DecidingApi:
    return DecidingApi("http://api/", "key", httpx.Client(transport=httpx.MockTransport(api)))


def test_what_the_model_read_comes_before_what_is_on_file() -> None:
    """The receipt's own columns, categories by their words, what was missing missing; the rest from the file."""
    api = Api()
    answer = asking(api).would_change(receipt())
    (asked,) = api.asked
    assert asked["application"]["application"] == {
        "SK_ID_CURR": 100_007,
        "AMT_CREDIT": 200_000.0,
        "AMT_GOODS_PRICE": 180_000.0,
        "AMT_ANNUITY": None,
        "CODE_GENDER": "M",
    }
    assert (answer["decision_id"], answer["reproduced"]) == ("d-1", True)


def test_an_application_that_was_kept_is_asked_about_as_it_was() -> None:
    """Neither what the model read nor what is on file today counts; a client who is not on file has an answer too."""
    api = Api(on_file=500)
    asking(api).would_change(receipt(kept={"AMT_CREDIT": 210_000.0, "CODE_GENDER": "F"}))
    (asked,) = api.asked
    assert asked["application"]["application"] == {
        "SK_ID_CURR": 100_007,
        "AMT_CREDIT": 210_000.0,
        "CODE_GENDER": "F",
    }


def test_another_probability_is_another_decision() -> None:
    """Where today's model or file gives another score, the answer says that it is not about that decision."""
    assert asking(Api(probability=0.26)).would_change(receipt())["reproduced"] is False


def test_what_cannot_be_asked_is_said() -> None:
    """An erased client, one who is not on file any more, an API that is away or refuses: each its own error."""
    with pytest.raises(Erased):
        asking(Api()).would_change(receipt(erased=True))
    with pytest.raises(InvalidRequest, match="not on file"):
        asking(Api(on_file=404, search=422)).would_change(receipt())
    with pytest.raises(DependencyUnavailable, match="503"):
        asking(Api(search=503)).would_change(receipt())

    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(DependencyUnavailable, match="does not answer"):
        DecidingApi("http://api", "key", httpx.Client(transport=httpx.MockTransport(away))).would_change(receipt())
