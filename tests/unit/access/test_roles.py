"""What the bank's people may do."""

from __future__ import annotations

from access.caller import AccessScope
from access.roles import SCOPES_OF_ROLE, review_roles, scopes_of


def test_roles_add_up_and_unknown_ones_add_nothing() -> None:
    """Two roles give both their scopes; a word from somewhere else gives none."""
    assert scopes_of(["adviser"]) == {AccessScope.DECIDE, AccessScope.READ}
    assert scopes_of(["adviser", "auditor"]) == {AccessScope.DECIDE, AccessScope.READ, AccessScope.AUDIT}
    assert scopes_of(["owner", ""]) == frozenset()


def test_an_adviser_neither_reviews_nor_audits() -> None:
    """Who talks to applicants does not judge their contests; only an admin makes keys and erases."""
    assert AccessScope.REVIEW not in scopes_of(["adviser", "auditor"])
    assert [role for role, scopes in SCOPES_OF_ROLE.items() if AccessScope.ADMIN in scopes] == ["admin"]


def test_managers_lead_reviews() -> None:
    """A manager gives work to others, a reviewer does not."""
    assert "lead" in review_roles(["manager"])
    assert review_roles(["reviewer"]) == {"reviewer"}
