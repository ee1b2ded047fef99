"""An HTTP answer as this door gives it: built once, sent as it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import orjson

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

_JSON: Headers = ((b"content-type", b"application/json"),)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and headers but content-length, which follows from the body."""

    status: int
    body: bytes
    headers: Headers = _JSON

    @staticmethod
    def of(document: Any) -> Answer:
        """Answer 200 with a document as JSON; what is not finite becomes null."""
        return Answer(200, orjson.dumps(document))

    async def send(self, send: Send) -> None:
        """Send it as ASGI messages."""
        length = (b"content-length", b"%d" % len(self.body))
        await send({"type": "http.response.start", "status": self.status, "headers": [*self.headers, length]})
        await send({"type": "http.response.body", "body": self.body})


async def read_body(receive: Receive) -> bytes:
    """Read a request's whole body; raises ConnectionError where the caller is gone before its end."""
    first = await receive()
    if first["type"] == "http.request" and not first.get("more_body"):
        whole: bytes = first.get("body", b"")
        return whole
    parts = [first]
    while parts[-1]["type"] == "http.request" and parts[-1].get("more_body"):
        parts.append(await receive())
    if parts[-1]["type"] != "http.request":
        raise ConnectionError("the caller went away before the end of its request")
    return b"".join(part.get("body", b"") for part in parts)
