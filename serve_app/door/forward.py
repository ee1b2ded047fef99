"""Hands what is the ledger's to the ledger: an ASGI layer in front of the API, so that deciding never waits for reads.

The ledger's own door checks the caller's key again and words its own problems; requests and answers go through as they
are, bodies in pieces. Where no ledger is set, everything stays with the API.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, Final

import httpx

from serve_app.door.joined_document import joined

log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

# Deciding is POST /v1/decisions itself, which stays here.
LEDGER_PATHS: Final = re.compile(
    r"/v1/(?:decisions/.+|clients/[^/]+/(?:decisions|identity)|reviews(?:/.*)?|review-reasons|accesses|feedback|log(?:/.*)?"
    r"|portfolio/.+|operations/.+|me|sessions(?:/password)?)"
)
_DECISIONS: Final = "/v1/decisions"
_DOCUMENT: Final = "/openapi.json"
# Of one connection and not of the message (RFC 9110, 7.6.1); the host is the ledger's own.
_HOP_BY_HOP: Final = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"host"}
)
_TIMEOUT: Final = httpx.Timeout(30.0, connect=2.0)


def is_the_ledgers(method: str, path: str) -> bool:
    """Say whether a request is one that the ledger answers."""
    return bool(LEDGER_PATHS.fullmatch(path)) or (path == _DECISIONS and method in ("GET", "HEAD"))


class LedgerForward:
    """Wraps an ASGI application; `url` is the ledger's door, such as http://127.0.0.1:9470.

    client: how requests are sent on; a test gives its own.
    """

    def __init__(self, app: AsgiApp, url: str, client: httpx.AsyncClient | None = None) -> None:
        self._app, self._url = app, url.rstrip("/")
        self._client = client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, here or from the ledger."""
        if scope["type"] == "http" and (scope["method"], scope["path"]) == ("GET", _DOCUMENT):
            await self._document(scope, receive, send)
            return
        if scope["type"] != "http" or not is_the_ledgers(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        client = self._opened()
        request = client.build_request(
            scope["method"],
            f"{self._url}{path}" + (f"?{query}" if query else ""),
            headers=[(name, value) for name, value in scope["headers"] if name.lower() not in _HOP_BY_HOP],
            content=_body(receive),
        )
        try:
            answer = await client.send(request, stream=True)
        except httpx.HTTPError as error:
            await _away(send, type(error).__name__)
            return
        try:
            headers = [(name, value) for name, value in answer.headers.raw if name.lower() not in _HOP_BY_HOP]
            await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
            async for piece in answer.aiter_raw():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await answer.aclose()

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:  # made here, in the loop that uses it
            self._client = httpx.AsyncClient(timeout=_TIMEOUT, limits=httpx.Limits(max_connections=64))
        return self._client

    async def _document(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the API's own documentation and the ledger's in one; without the ledger's while that is away."""
        sent: list[MutableMapping[str, Any]] = []

        async def keep(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await self._app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in sent)
        try:
            answer = await self._opened().get(f"{self._url}{_DOCUMENT}")
            answer.raise_for_status()
            body = json.dumps(joined(json.loads(body), answer.json(), is_the_ledgers)).encode()
        except (httpx.HTTPError, ValueError, KeyError) as error:
            log.warning("the documentation is without the ledger's routes: %s", error)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": sent[0]["status"], "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message.get("more_body", False)
        if body := message.get("body", b""):
            yield body


async def _away(send: Send, kind: str) -> None:
    detail = f"the ledger does not answer ({kind}); deciding goes on, and nothing is lost: try again"
    problem = {"type": "about:blank", "title": "A dependency is away", "status": 503, "detail": detail}
    headers = [(b"content-type", b"application/problem+json"), (b"retry-after", b"2")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(problem).encode()})
