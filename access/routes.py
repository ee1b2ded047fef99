"""Which scope each route needs: the one table for both doors, HTTP and gRPC.

What is not in the table needs `admin`: a route that somebody forgets here is shut rather than open.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from access.caller import AccessScope

DECIDE, READ, REVIEW = AccessScope.DECIDE, AccessScope.READ, AccessScope.REVIEW
AUDIT, ADMIN = AccessScope.AUDIT, AccessScope.ADMIN
IDENTITY, PORTFOLIO = AccessScope.IDENTITY, AccessScope.PORTFOLIO

OPEN_PATHS = frozenset({"/health", "/ready", "/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"})
# Whoever signs in has nothing to show yet; the password is in the body.
OPEN_ROUTES = frozenset({("POST", "/v1/sessions"), ("POST", "/v1/sessions/password")})
# Any caller whom a key or a token names, whatever that caller may do.
KNOWN: Final = "known"
KNOWN_ROUTES = frozenset({("GET", "/v1/me"), ("POST", "/v1/accesses")})

# First match wins. `{}` stands for one part of a path, `*` for the rest; a gRPC method has the word GRPC for its verb.
SCOPE_OF_ROUTE: tuple[tuple[str, str, AccessScope], ...] = (
    ("POST", "/predict", DECIDE),
    ("POST", "/explain", DECIDE),
    ("POST", "/v1/decisions", DECIDE),
    ("POST", "/v1/simulations", DECIDE),
    ("POST", "/v1/counterfactuals", DECIDE),
    ("POST", "/v1/decisions/{}/counterfactual", READ),
    ("GET", "/clients/{}", READ),
    ("GET", "/model", READ),
    ("GET", "/v1/clients", READ),
    ("GET", "/v1/catalog", READ),
    ("GET", "/v1/model", READ),
    ("GET", "/v1/model/*", READ),
    ("POST", "/v1/model/similar", READ),
    ("GET", "/v2", READ),
    ("GET", "/v2/*", READ),
    ("POST", "/v2/models/*", DECIDE),
    ("POST", "/v2/repository/index", READ),
    ("GRPC", "/inference.GRPCInferenceService/ModelInfer", DECIDE),
    ("GRPC", "/inference.GRPCInferenceService/*", READ),
    ("GRPC", "/loanstream.v1.Decisions/*", DECIDE),
    ("GET", "/v1/decisions/export", AUDIT),
    ("GET", "/v1/decisions", READ),
    ("GET", "/v1/decisions/{}", READ),
    ("GET", "/v1/decisions/{}/proof", READ),
    ("GET", "/v1/decisions/{}/notice", READ),
    ("GET", "/v1/clients/{}/decisions", READ),
    ("GET", "/v1/clients/{}/identity", IDENTITY),
    ("PUT", "/v1/clients/{}/identity", ADMIN),
    ("GET", "/v1/portfolio/*", PORTFOLIO),
    ("GET", "/v1/operations/*", PORTFOLIO),
    ("POST", "/v1/decisions/{}/feedback", READ),
    ("POST", "/v1/decisions/{}/contest", READ),
    ("GET", "/v1/log/*", READ),
    ("GET", "/v1/accesses", AUDIT),
    ("GET", "/v1/feedback", AUDIT),
    ("GET", "/v1/review-reasons", REVIEW),
    ("GET", "/v1/reviews", REVIEW),
    ("GET", "/v1/reviews/*", REVIEW),
    ("POST", "/v1/reviews/*", REVIEW),
    ("GET", "/metrics", AUDIT),
)


@lru_cache(maxsize=4096)
def scope_of(method: str, path: str) -> AccessScope | Literal["known"] | None:
    """Return the scope that a route needs, KNOWN where any known caller may, None where it is open to everybody.

    method: GET, POST, ..., or GRPC; path: as requested, ids and all, without the query.
    """
    if path in OPEN_PATHS or (method, path) in OPEN_ROUTES:
        return None
    verb = "GET" if method == "HEAD" else method
    if (verb, path) in KNOWN_ROUTES:
        return KNOWN
    for of, pattern, scope in _COMPILED:
        if of == verb and pattern.fullmatch(path):
            return scope
    return ADMIN


def _pattern(route: str) -> re.Pattern[str]:
    return re.compile(re.escape(route).replace(r"\{\}", "[^/]+").replace(r"\*", ".+"))


_COMPILED = tuple((method, _pattern(route), scope) for method, route, scope in SCOPE_OF_ROUTE)
