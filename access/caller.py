"""Who calls, and what the caller may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from credit.errors import PermanentError


class CallerUnknown(PermanentError):
    """The request carries no valid key and no valid token: send X-API-Key, or a bearer token that has not expired."""


class ScopeMissing(PermanentError):
    """The caller is known and lacks a scope: have a key made with it, or ask for the role that has it."""


class AccessScope(StrEnum):
    """What a caller may do; the words are those of the key file and of the command line."""

    DECIDE = "decide"
    READ = "read"
    REVIEW = "review"
    AUDIT = "audit"
    IDENTITY = "identity"
    PORTFOLIO = "portfolio"
    ADMIN = "admin"


ALL_SCOPES = frozenset(AccessScope)


@dataclass(frozen=True, slots=True)
class Caller:
    """A program behind a key or a person behind a token.

    name: as it stands in logs and on reviews; a person's is `user:` and the token's subject, which is no key's name.
    roles: what it is in reviews and on the desk; limit: the largest credit amount on which it may decide a review.
    display_name: what a person is called, which is neither unique nor checked by anybody but the issuer.
    """

    name: str
    kind: Literal["key", "user"]
    scopes: frozenset[AccessScope] = frozenset()
    roles: frozenset[str] = field(default_factory=frozenset)
    limit: float = float("inf")
    display_name: str = ""

    def may(self, scope: AccessScope) -> bool:
        """Say whether the caller has a scope; an admin has all."""
        return scope in self.scopes or AccessScope.ADMIN in self.scopes

    def require(self, scope: AccessScope) -> None:
        """Raise ScopeMissing where the caller lacks a scope."""
        if not self.may(scope):
            raise ScopeMissing(f"{self.name} has not the scope {scope}")
