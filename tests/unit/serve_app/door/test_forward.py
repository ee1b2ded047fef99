"""What is the ledger's goes to the ledger, as it came, and the answer comes back as it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import httpx
import pytest

from serve_app.door.forward import LedgerForward, is_the_ledgers


@pytest.mark.parametrize(
    ("method", "path", "forwarded"),
    [
        ("GET", "/v1/decisions", True),
        ("POST", "/v1/decisions", False),
        ("GET", "/v1/decisions/export", True),
        ("POST", "/v1/decisions/abc/contest", True),
        ("GET", "/v1/clients/100001/decisions", True),
        ("GET", "/clients/100001", False),
        ("POST", "/v1/reviews/abc/take", True),
        ("GET", "/v1/reviews", True),
        ("GET", "/v1/reviewsx", False),
        ("GET", "/v1/log/head", True),
        ("POST", "/v1/sessions", True),
        ("POST", "/v1/sessions/password", True),
        ("POST", "/v1/sessions/other", False),
        ("GET", "/v1/me", True),
        ("GET", "/v1/men", False),
        ("GET", "/v1/clients/100001/identity", True),
        ("GET", "/v1/portfolio/themes/age", True),
        ("GET", "/v1/operations/health", True),
        ("GET", "/v1/clients", False),
        ("GET", "/predict", False),
        ("GET", "/v1/decisionsx", False),
    ],
)
def test_which_requests_are_the_ledgers(method: str, path: str, forwarded: bool) -> None:
    """Deciding stays; all that reads or reviews decisions goes on."""
    assert is_the_ledgers(method, path) is forwarded


async def own(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"own"})


class Pieces(httpx.AsyncByteStream):
    """A body as it comes off the wire."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


def ask(handler: Any, method: str, url: str, **more: Any) -> httpx.Response:
    async def asked() -> httpx.Response:
        client = httpx.AsyncClient(transport=httpx.MockTransport(handler))
        app = LedgerForward(own, "http://ledger:1/", client)
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as caller:
            return await caller.request(method, url, **more)

    return asyncio.run(asked())


def test_a_request_goes_on_as_it_came() -> None:
    """Path, query, key and body arrive; the host is the ledger's."""
    seen: list[httpx.Request] = []

    def ledger(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, headers={"X-From": "ledger"}, stream=Pieces([b'{"id"', b":1}"]))

    got = ask(
        ledger, "POST", "/v1/decisions/a%20b/contest?x=1&y=%C3%A4", headers={"X-API-Key": "k"}, json={"statement": "no"}
    )
    (request,) = seen
    assert str(request.url) == "http://ledger:1/v1/decisions/a%20b/contest?x=1&y=%C3%A4"
    assert request.headers["x-api-key"] == "k"
    assert request.headers["host"] == "ledger:1"
    assert request.content == b'{"statement":"no"}'
    assert (got.status_code, got.headers["x-from"], got.json()) == (201, "ledger", {"id": 1})


def test_what_is_not_the_ledgers_stays() -> None:
    """A request to decide never leaves."""

    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    assert ask(never, "POST", "/v1/decisions", content=b"{}").text == "own"


def test_a_ledger_that_is_away_is_a_problem_document() -> None:
    """503 with a word on it, and when to try again."""

    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    got = ask(away, "GET", "/v1/reviews")
    assert (got.status_code, got.headers["content-type"]) == (503, "application/problem+json")
    assert got.headers["retry-after"] == "2"
    assert "deciding goes on" in got.json()["detail"]


def test_a_stream_comes_in_its_pieces() -> None:
    """An export is not gathered in memory on its way."""

    got = ask(lambda _: httpx.Response(200, stream=Pieces([b"one,", b"two,", b"three"])), "GET", "/v1/decisions/export")
    assert got.content == b"one,two,three"
