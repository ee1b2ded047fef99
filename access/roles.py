"""The roles of the bank's people, and what each may do: the one table for tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from access.caller import AccessScope

SCOPES_OF_ROLE: Mapping[str, frozenset[AccessScope]] = {
    "adviser": frozenset({AccessScope.DECIDE, AccessScope.READ, AccessScope.IDENTITY}),
    "reviewer": frozenset({AccessScope.READ, AccessScope.REVIEW, AccessScope.IDENTITY}),
    "auditor": frozenset({AccessScope.READ, AccessScope.AUDIT, AccessScope.PORTFOLIO}),
    "manager": frozenset(AccessScope) - {AccessScope.ADMIN},
    "admin": frozenset(AccessScope),
}
# Roles that give others' reviews to somebody else.
_LEADING = frozenset({"manager", "admin"})


def scopes_of(roles: Iterable[str]) -> frozenset[AccessScope]:
    """Return what these roles may do together; a role that is not in the table adds nothing."""
    return frozenset().union(*(SCOPES_OF_ROLE.get(role, frozenset()) for role in roles))


def review_roles(roles: Iterable[str]) -> frozenset[str]:
    """Return the roles with `lead` beside them where one of them leads reviews."""
    given = frozenset(roles)
    return given | {"lead"} if given & _LEADING else given


def review_limit(roles: Iterable[str], limits: Mapping[str, float]) -> float:
    """Return the largest credit amount on which these roles may decide a review: the highest of those that review.

    limits: by role; one that has none is bound by nothing. A role that does not review lends the others no amount.
    """
    reviewing = [role for role in roles if AccessScope.REVIEW in scopes_of([role])]
    return max((limits.get(role, float("inf")) for role in reviewing), default=float("inf"))
