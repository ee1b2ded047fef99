"""The one table from routes to scopes."""

from __future__ import annotations

import pytest

from access.caller import AccessScope
from access.routes import KNOWN, OPEN_PATHS, SCOPE_OF_ROUTE, scope_of


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/predict", AccessScope.DECIDE),
        ("POST", "/v1/decisions", AccessScope.DECIDE),
        ("GET", "/v1/decisions", AccessScope.READ),
        ("HEAD", "/v1/decisions", AccessScope.READ),
        ("GET", "/v1/decisions/0b0e2bb4-5f3e-5d1c-8f8e-0123456789ab", AccessScope.READ),
        ("GET", "/v1/decisions/0b0e2bb4-5f3e-5d1c-8f8e-0123456789ab/proof", AccessScope.READ),
        ("GET", "/v1/decisions/export", AccessScope.AUDIT),
        ("GET", "/v1/clients/100002/decisions", AccessScope.READ),
        ("POST", "/v1/reviews/some-id/take", AccessScope.REVIEW),
        ("GET", "/v1/accesses", AccessScope.AUDIT),
        ("GET", "/v1/log/head", AccessScope.READ),
        ("GET", "/v1/clients/100002/identity", AccessScope.IDENTITY),
        ("PUT", "/v1/clients/100002/identity", AccessScope.ADMIN),
        ("GET", "/v1/portfolio/themes/age", AccessScope.PORTFOLIO),
        ("GET", "/v1/operations/series", AccessScope.PORTFOLIO),
        ("POST", "/v2/models/loanstream/infer", AccessScope.DECIDE),
        ("GRPC", "/inference.GRPCInferenceService/ModelInfer", AccessScope.DECIDE),
        ("GRPC", "/inference.GRPCInferenceService/ServerLive", AccessScope.READ),
    ],
)
def test_a_route_needs_its_scope(method: str, path: str, scope: AccessScope) -> None:
    """Each kind of route asks for the scope it is meant for."""
    assert scope_of(method, path) == scope


@pytest.mark.parametrize("path", sorted(OPEN_PATHS))
def test_health_and_documentation_are_open(path: str) -> None:
    """Probes and people who look for the documentation need no key."""
    assert scope_of("GET", path) is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/new-route"),
        ("DELETE", "/v1/decisions"),
        ("POST", "/v1/decisions/export/"),
        ("GET", "/v1/decisions/a/b/c"),
        ("GET", "/health/"),
        ("GET", "//health"),
        ("GRPC", "/other.Service/Method"),
    ],
)
def test_what_is_not_in_the_table_is_shut(method: str, path: str) -> None:
    """A route that was forgotten, or a path written otherwise, needs admin."""
    assert scope_of(method, path) == AccessScope.ADMIN


def test_signing_in_is_open_and_only_that() -> None:
    """The password is what a sign-in shows; the same path by another method is shut."""
    assert scope_of("POST", "/v1/sessions") is None
    assert scope_of("POST", "/v1/sessions/password") is None
    assert scope_of("GET", "/v1/sessions") == AccessScope.ADMIN
    assert scope_of("POST", "/v1/sessions/other") == AccessScope.ADMIN


def test_who_one_is_needs_no_scope() -> None:
    """Any known caller may ask; nobody else."""
    assert scope_of("GET", "/v1/me") == KNOWN
    assert scope_of("POST", "/v1/me") == AccessScope.ADMIN


def test_no_route_is_hidden_by_an_earlier_one() -> None:
    """Each row of the table is reached: an example of it finds that row's scope."""
    for method, route, scope in SCOPE_OF_ROUTE:
        example = route.replace("{}", "0b0e2bb4").replace("*", "something")
        assert scope_of(method, example) == scope, route
