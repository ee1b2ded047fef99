"""Who may pass: everything but health and documentation needs a key or a token with the scope of the route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from access.caller import Caller
from credit.errors import LoanstreamError
from serve_app.door import problems
from serve_app.door.answer import Answer, Scope

KEY_HEADER = "X-API-Key"
_READ_HEADERS = frozenset({b"x-api-key", b"authorization"})


class Check(Protocol):
    """Says who calls and whether that caller may (`access.check`)."""

    async def allow(self, method: str, path: str, headers: Mapping[str, str]) -> Caller | None:
        """Return the caller; raises CallerUnknown, ScopeMissing, or DependencyUnavailable."""


class Gate:
    """Decides for each request, before anything of it is read, whether it may pass."""

    def __init__(self, check: Check) -> None:
        self._check = check

    async def refusal(self, scope: Scope) -> Answer | None:
        """Return what a request that may not pass is answered, None where it may."""
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"] if name in _READ_HEADERS
        }
        try:
            await self._check.allow(scope["method"], scope["path"], headers)
        except LoanstreamError as error:
            return problems.from_error(error)
        return None
