"""A look at a client's data is noted before it is answered, and is refused where it cannot be noted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest

from serve_app.door.answer import Answer, read_body
from serve_app.door.looking import LookNotes

KEY = (b"x-api-key", b"adas")


def scope_of(method: str, path: str) -> MutableMapping[str, Any]:
    return {"type": "http", "method": method, "path": path, "headers": [KEY, (b"host", b"api"), (b"accept", b"*/*")]}


def asked(method: str, path: str, body: bytes, status: int = 204) -> tuple[Answer | None, bytes, list[httpx.Request]]:
    """Return what is answered instead, the body that is left to read, and what the ledger was asked."""
    noted: list[httpx.Request] = []

    def ledger(request: httpx.Request) -> httpx.Response:
        noted.append(request)
        if status == 0:
            raise httpx.ConnectError("refused")
        return httpx.Response(status)

    async def play() -> tuple[Answer | None, bytes]:
        halves = [body[: len(body) // 2], body[len(body) // 2 :]]

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": halves.pop(0), "more_body": bool(halves)}

        notes = LookNotes("http://ledger/", httpx.AsyncClient(transport=httpx.MockTransport(ledger)))
        refused, again = await notes.before(scope_of(method, path), receive)
        return refused, b"" if refused is not None else await read_body(again)

    refused, left = asyncio.run(play())
    return refused, left, noted


LOOKS = [
    ("GET", "/clients/100001", b"", "application"),
    ("POST", "/v1/simulations", b'{"sk_id_curr": 100001, "overrides": {}}', "simulation"),
    ("POST", "/v1/counterfactuals", b'{"sk_id_curr": 100001}', "counterfactual"),
    ("POST", "/v1/model/similar", b'{"sk_id_curr": 100001, "by": ["AMT_CREDIT"]}', "similar"),
]


@pytest.mark.parametrize(("method", "path", "body", "action"), LOOKS)
def test_a_look_is_noted_by_the_callers_own_key(method: str, path: str, body: bytes, action: str) -> None:
    """Under the caller's name, since it is the caller's key that asks; the body is read as it came."""
    refused, left, noted = asked(method, path, body)
    assert refused is None
    assert left == body
    (request,) = noted
    assert (request.method, str(request.url)) == ("POST", "http://ledger/v1/accesses")
    assert json.loads(request.content) == {"action": action, "sk_id_curr": 100001}
    assert request.headers["x-api-key"] == "adas"


@pytest.mark.parametrize(("method", "path", "body", "action"), LOOKS)
@pytest.mark.parametrize("status", [0, 403, 503])
def test_what_cannot_be_noted_is_not_shown(method: str, path: str, body: bytes, action: str, status: int) -> None:
    """The ledger away, or refusing: the answer says so, and that deciding goes on."""
    del action
    refused, _, _ = asked(method, path, body, status)
    assert refused is not None
    assert refused.status == 503
    assert b"deciding goes on" in refused.body


NO_LOOKS = [
    ("POST", "/explain", b'{"sk_id_curr": 100001}'),
    ("POST", "/v1/decisions", b'{"application_id": "a", "application": {"SK_ID_CURR": 100001}}'),
    ("POST", "/v1/simulations", b'{"application": {"SK_ID_CURR": 100001}}'),
    ("POST", "/v1/simulations", b"[1, 2]"),
    ("POST", "/v1/simulations", b"not json"),
    ("POST", "/v1/counterfactuals", b'{"sk_id_curr": -1}'),
    ("GET", "/clients/abc", b""),
    ("GET", "/v1/model", b""),
]


@pytest.mark.parametrize(("method", "path", "body"), NO_LOOKS)
def test_all_else_passes_as_it_came(method: str, path: str, body: bytes) -> None:
    """A decision stands in the audit record; what names no client, or is none, is for the route to answer."""
    refused, left, noted = asked(method, path, body)
    assert refused is None
    assert noted == []
    assert left == body
