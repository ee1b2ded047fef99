"""Who looks at a client's data here stands in the ledger's log of accesses before the answer goes out.

A decision is no look: it stands in `loan-audit` with its door. What shows a client's application without deciding it,
or decides it without a trace, is one: it is noted at the ledger under the caller's own name, by the caller's own key or
token. Where it cannot be noted, nothing is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import httpx
import orjson

from serve_app.door import problems
from serve_app.door.answer import Answer, Message, Receive, Scope, read_body

_FILE: Final = re.compile(r"/clients/(\d{1,18})")
_BY_BODY: Final[Mapping[str, str]] = {
    "/v1/simulations": "simulation",
    "/v1/counterfactuals": "counterfactual",
    "/v1/model/similar": "similar",
}
_WHO: Final = frozenset({b"x-api-key", b"authorization"})
_TIMEOUT: Final = httpx.Timeout(10.0, connect=2.0)


class LookNotes:
    """Notes looks at the ledger's door, `url` such as http://127.0.0.1:9470; client: how, a test gives its own."""

    def __init__(self, url: str, client: httpx.AsyncClient | None = None) -> None:
        self._url, self._client = url.rstrip("/"), client

    async def before(self, scope: Scope, receive: Receive) -> tuple[Answer | None, Receive]:
        """Note what a request is about to show.

        Returns what to answer instead where that cannot be, and how the request's body is to be read from here on.
        """
        path: str = scope["path"]
        if scope["method"] == "POST" and path in _BY_BODY:
            body = await read_body(receive)
            client = _client_in(body)
            refused = None if client is None else await self._note(scope, _BY_BODY[path], client)
            return refused, _again(body)
        if scope["method"] == "GET" and (found := _FILE.fullmatch(path)) is not None:
            return await self._note(scope, "application", int(found[1])), receive
        return None, receive

    async def _note(self, scope: Scope, action: str, client: int) -> Answer | None:
        if self._client is None:  # made here, in the loop that uses it
            self._client = httpx.AsyncClient(timeout=_TIMEOUT)
        headers = [(name, value) for name, value in scope["headers"] if name in _WHO]
        look = {"action": action, "sk_id_curr": client}
        try:
            answer = await self._client.post(f"{self._url}/v1/accesses", json=look, headers=headers)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            detail = (
                f"who looks at a client's data is noted in the ledger, which does not take it now "
                f"({type(error).__name__}); nothing is shown meanwhile, and deciding goes on: try again"
            )
            return problems.problem(503, "A dependency is away", detail, retry_after_s=2)
        return None


def _client_in(body: bytes) -> int | None:
    """Return whose data a body asks for; None for an application of its own, and for what is refused further on."""
    try:
        asked: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    client = asked.get("sk_id_curr") if isinstance(asked, dict) else None
    return client if isinstance(client, int) and 0 < client < 2**63 else None


def _again(body: bytes) -> Receive:
    """Return a `receive` that gives a body that was read already."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive
