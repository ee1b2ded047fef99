"""The desk's connection to the API: what is sent, what is read, and what a fault is called."""

from __future__ import annotations

import httpx
import pytest

from desk.client.base import AnswerModel, DeskApi
from desk.client.errors import (
    ApiAway,
    ApiFault,
    ChangedMeanwhile,
    ErasedForGood,
    NotOnFile,
    NotPermitted,
    RefusedInput,
    SignedOut,
    TooManyAtOnce,
    UnexpectedAnswer,
)


class Thing(AnswerModel):
    number: int


def api(answer: httpx.Response | Exception, seen: list[httpx.Request] | None = None) -> DeskApi:
    def handle(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = httpx.Client(base_url="http://api", transport=httpx.MockTransport(handle))
    return DeskApi(client, {"X-API-Key": "secret"})


def test_a_request_says_who_asks() -> None:
    """Credentials go with each request, empty parameters stay away, and booleans are JSON's."""
    seen: list[httpx.Request] = []
    found = api(httpx.Response(200, json={"number": 1, "later": True}), seen).get(
        "/v1/things", Thing, {"a": None, "b": True, "c": 3}
    )
    assert found == Thing(number=1)
    assert seen[0].headers["X-API-Key"] == "secret"
    assert dict(seen[0].url.params) == {"b": "true", "c": "3"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, SignedOut),
        (403, NotPermitted),
        (404, NotOnFile),
        (409, ChangedMeanwhile),
        (410, ErasedForGood),
        (422, RefusedInput),
        (429, TooManyAtOnce),
        (503, ApiAway),
        (500, ApiAway),
        (418, UnexpectedAnswer),
    ],
)
def test_a_status_is_a_fault_that_says_what_to_do(status: int, kind: type[ApiFault]) -> None:
    """Each status is one kind of fault, with the API's own sentence."""
    problem = {"title": "T", "detail": "the detail", "errors": [{"field": "AMT_CREDIT", "message": "too small"}]}
    with pytest.raises(kind) as raised:
        api(httpx.Response(status, json=problem)).get("/v1/things", Thing)
    assert raised.value.detail == "the detail"
    assert raised.value.fields == (("AMT_CREDIT", "too small"),)


def test_an_api_that_is_away_is_a_fault_of_its_own() -> None:
    """No answer at all is as a 503; a proxy's page of HTML is one too."""
    with pytest.raises(ApiAway):
        api(httpx.ConnectError("refused")).get("/v1/things", Thing)
    with pytest.raises(ApiAway, match="502"):
        api(httpx.Response(502, text="<html>")).get("/v1/things", Thing)


def test_an_answer_of_another_shape_is_said_so() -> None:
    """What the desk does not understand names the route and the field."""
    with pytest.raises(UnexpectedAnswer, match="/v1/things: number"):
        api(httpx.Response(200, json={"number": "many"})).get("/v1/things", Thing)
