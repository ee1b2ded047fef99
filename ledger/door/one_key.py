"""Callers behind the one key of a home: all act in its name, and may do everything."""

from __future__ import annotations

import hmac

from fastapi import Request

from ledger.errors import NoValidKey
from ledger.review.actor import Actor

KEY_HEADER = "X-API-Key"


class OneKey:
    """Knows one key, with all scopes and no limit."""

    def __init__(self, key: str) -> None:
        self._expected = key.encode()
        self._actor = Actor("api-key", frozenset({"admin"}), frozenset({"lead"}), float("inf"))

    async def __call__(self, request: Request) -> Actor:
        given = request.headers.get(KEY_HEADER, "").encode()
        if not hmac.compare_digest(given, self._expected):
            raise NoValidKey(f"no valid API key; send it as {KEY_HEADER}")
        return self._actor
