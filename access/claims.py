"""From a checked token's claims to its caller: the same for the home's own tokens and for an identity provider's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from access.caller import Caller
from access.roles import review_limit, review_roles, scopes_of


def person(subject: str, roles: Iterable[str], limits: Mapping[str, float], display_name: str = "") -> Caller:
    """Return the caller for a person: `user:` and the subject, which is no key's name, with what the roles give."""
    given = frozenset(roles)
    return Caller(
        f"user:{subject}",
        "user",
        scopes_of(given),
        review_roles(given),
        review_limit(given, limits),
        _one_line(display_name),
    )


def roles_in(claims: Mapping[str, Any], path: str) -> frozenset[str]:
    """Return the roles of the claim at a path, dots leading into claims within claims; none where it holds none."""
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        found = found.split()
    return frozenset(role for role in found if isinstance(role, str)) if isinstance(found, list) else frozenset()


def name_in(claims: Mapping[str, Any]) -> str:
    """Return what a token says its person is called, in OIDC's standard claims; empty where it says nothing."""
    given = " ".join(str(claims[part]) for part in ("given_name", "family_name") if claims.get(part))
    for name in (claims.get("name"), given, claims.get("preferred_username"), claims.get("email")):
        if isinstance(name, str) and name:
            return name
    return ""


def _one_line(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:100].strip()
