"""The person who is signed in, as the API knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Person:
    """A name, roles, the scopes that they give, and the headers that say so to the API.

    id: as logs and reviews name the person. What a page shows by these is a courtesy; what is permitted the API checks
    at each request.
    """

    name: str
    roles: tuple[str, ...]
    scopes: frozenset[str]
    credentials: Mapping[str, str] = field(repr=False)
    review_limit: float | None = None
    id: str = ""

    def may(self, scope: str) -> bool:
        """Say whether one of the roles includes a scope; admin includes all."""
        return scope in self.scopes or "admin" in self.scopes
