"""Who may pass: everything but health and documentation needs a key."""

from __future__ import annotations

import hmac
from typing import Protocol

from serve_app.door import problems
from serve_app.door.answer import Answer, Scope

KEY_HEADER = "X-API-Key"
OPEN_PATHS = frozenset({"/health", "/ready", "/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"})
_KEY_HEADER_NAME = KEY_HEADER.lower().encode()


class Gate(Protocol):
    """Decides for each request, before anything of it is read, whether it may pass."""

    def refusal(self, scope: Scope) -> Answer | None:
        """Return what a request that may not pass is answered, None where it may."""


class OneKeyGate:
    """Lets pass whoever sends the one key."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def refusal(self, scope: Scope) -> Answer | None:
        if hmac.compare_digest(given_key(scope), self._key) or scope["path"] in OPEN_PATHS:
            return None
        return problems.problem(401, "No valid API key", f"send the key as {KEY_HEADER}")


def given_key(scope: Scope) -> bytes:
    """Return the key that a request carries, empty where it carries none."""
    for name, value in scope["headers"]:
        if name == _KEY_HEADER_NAME:
            key: bytes = value
            return key
    return b""
