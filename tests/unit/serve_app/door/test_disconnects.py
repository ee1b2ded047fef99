"""Serve is told not to watch for callers that go away."""

from __future__ import annotations

import asyncio
from typing import Any

from ray.serve._private.http_util import parse_disconnect_disabled_header

from serve_app.door.disconnects import middlewares


def test_serve_reads_what_is_set() -> None:
    """Ray's own reader finds the header that every request is given; websockets and lifespan pass as they are."""
    seen: list[Any] = []

    async def app(scope: Any, *_: Any) -> None:
        seen.append(scope)

    wrapped: Any = app
    for middleware in reversed(middlewares()):
        wrapped = middleware.cls(wrapped)
    for scope in ({"type": "http", "headers": [(b"accept", b"*/*")]}, {"type": "lifespan"}):
        asyncio.run(wrapped(scope, None, None))
    assert parse_disconnect_disabled_header(dict(seen[0]["headers"]))
    assert (b"accept", b"*/*") in seen[0]["headers"]
    assert seen[1] == {"type": "lifespan"}
