"""What the bank's people may do."""

from __future__ import annotations

from access.caller import AccessScope
from access.roles import SCOPES_OF_ROLE, review_limit, review_roles, scopes_of


def test_roles_add_up_and_unknown_ones_add_nothing() -> None:
    """Two roles give both their scopes; a word from somewhere else gives none."""
    assert scopes_of(["adviser"]) == {AccessScope.DECIDE, AccessScope.READ, AccessScope.IDENTITY}
    assert scopes_of(["adviser", "auditor"]) == frozenset(AccessScope) - {AccessScope.REVIEW, AccessScope.ADMIN}
    assert scopes_of(["owner", ""]) == frozenset()


def test_an_adviser_neither_reviews_nor_audits() -> None:
    """Who talks to applicants does not judge their contests; only an admin makes keys and erases."""
    assert AccessScope.REVIEW not in scopes_of(["adviser", "auditor"])
    assert [role for role, scopes in SCOPES_OF_ROLE.items() if AccessScope.ADMIN in scopes] == ["admin"]


def test_managers_lead_reviews() -> None:
    """A manager gives work to others, a reviewer does not."""
    assert "lead" in review_roles(["manager"])
    assert review_roles(["reviewer"]) == {"reviewer"}


def test_a_limit_is_the_highest_of_the_roles_that_review() -> None:
    """A role without a limit is bound by nothing; one that does not review lends nothing."""
    limits = {"reviewer": 500.0, "adviser": 1.0}
    assert review_limit(["reviewer"], limits) == 500.0
    assert review_limit(["adviser", "reviewer"], limits) == 500.0
    assert review_limit(["auditor", "reviewer"], limits) == 500.0
    assert review_limit(["reviewer", "manager"], limits) == float("inf")


def test_who_sees_people_and_who_sees_the_portfolio() -> None:
    """Names and photos are for those who face a client; aggregates for those who watch over all."""
    assert [role for role, has in SCOPES_OF_ROLE.items() if AccessScope.IDENTITY not in has] == ["auditor"]
    assert [role for role, has in SCOPES_OF_ROLE.items() if AccessScope.PORTFOLIO not in has] == ["adviser", "reviewer"]
