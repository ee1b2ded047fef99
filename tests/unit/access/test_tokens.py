"""Bearer tokens against a real key server: what is taken, what is refused, and how often it is asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from access.caller import AccessScope
from access.tokens import Tokens
from credit.errors import DependencyUnavailable, SettingsError

ISSUER, AUDIENCE = "https://login.bank.example", "loanstream"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


KEY, OTHER = new_key(), new_key()


class Issuer:
    """A tiny key server on a free port; counts how often it is asked."""

    def __init__(self) -> None:
        self.published = {"one": KEY}
        self.asked = 0
        self.status = 200
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                body = json.dumps({"keys": issuer.keys()}).encode()
                self.send_response(issuer.status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/keys"

    def keys(self) -> list[dict[str, Any]]:
        made = []
        for key_id, key in self.published.items():
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
            made.append(public | {"kid": key_id, "use": "sig", "alg": "RS256"})
        return made


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


class Monotonic:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def token(key: Any = KEY, key_id: str | None = "one", algorithm: str = "RS256", **claims: Any) -> str:
    """Return a token that is good, but for the claims that are given; None leaves one out."""
    body = {"iss": ISSUER, "aud": AUDIENCE, "sub": "anna", "exp": time.time() + 300, "roles": ["adviser"]} | claims
    body = {name: value for name, value in body.items() if value is not None}
    return jwt.encode(body, key, algorithm, headers=None if key_id is None else {"kid": key_id})


def tokens(issuer: Issuer, **more: Any) -> Tokens:
    return Tokens(ISSUER, AUDIENCE, issuer.url, **more)


def test_a_good_token_says_who_calls_and_what_they_may(issuer: Issuer) -> None:
    """The name is the subject's, in a form that no key can have; the scopes are the roles'."""
    caller = tokens(issuer).caller(token(roles=["manager"]))
    assert caller is not None
    assert (caller.name, caller.kind) == ("user:anna", "user")
    assert caller.scopes == frozenset(AccessScope) - {AccessScope.ADMIN}
    assert caller.roles == {"manager", "lead"}


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-service"},
        {"exp": 1.0},
        {"nbf": time.time() + 3600},
        {"iss": None},
        {"aud": None},
        {"exp": None},
        {"sub": None},
    ],
)
def test_a_token_of_another_place_or_time_is_refused(issuer: Issuer, claims: dict[str, Any]) -> None:
    """Issuer, audience and both ends of its time must fit, and must be there."""
    assert tokens(issuer).caller(token(**claims)) is None


def test_a_forged_token_is_refused(issuer: Issuer) -> None:
    """Signed by another key, by none, or with the public key as a symmetric secret: none of them passes."""
    known = tokens(issuer)
    assert known.caller(token(OTHER)) is None
    assert known.caller(token(None, algorithm="none")) is None
    assert known.caller(token("a secret that is long enough for HS256", algorithm="HS256")) is None
    body, good = token().split(".")[1], token(roles=["admin"]).split(".")
    assert known.caller(".".join([good[0], body, good[2]])) is None
    for nonsense in ("", "a.b.c", "no token", token()[:-10]):
        assert known.caller(nonsense) is None


def test_a_token_that_names_no_key_is_refused_without_asking(issuer: Issuer) -> None:
    """Without a key's id there is nothing to look for."""
    known = tokens(issuer)
    assert known.caller(token(key_id=None)) is None
    assert issuer.asked == 0


def test_keys_are_asked_for_once(issuer: Issuer) -> None:
    """The first token asks the issuer, the next ones do not; `ready_for` says which."""
    known = tokens(issuer)
    assert not known.ready_for(token())
    assert known.caller(token())
    assert known.ready_for(token())
    assert known.caller(token())
    assert issuer.asked == 1


def test_the_issuers_new_key_is_learnt_and_strange_ones_do_not_make_us_ask_without_end(issuer: Issuer) -> None:
    """A token under a new key asks again; a stream of invented keys asks once in the stated time."""
    clock = Monotonic()
    known = tokens(issuer, monotonic=clock)
    assert known.caller(token())
    issuer.published["two"] = OTHER
    assert known.caller(token(OTHER, "two")) is None
    clock.now += 11
    assert known.caller(token(OTHER, "two"))
    assert issuer.asked == 2
    for number in range(20):
        assert known.caller(token(OTHER, f"invented-{number}")) is None
    assert issuer.asked == 2


def test_a_withdrawn_key_is_dropped(issuer: Issuer) -> None:
    """Once the keys are old they are asked for anew, and one that is gone counts no more."""
    clock = Monotonic()
    known = tokens(issuer, monotonic=clock)
    assert known.caller(token())
    issuer.published = {"two": OTHER}
    clock.now += 601
    assert known.caller(token()) is None


def test_an_issuer_that_is_away_is_said_and_not_hammered(issuer: Issuer) -> None:
    """Without keys no token can be judged, which is a dependency's fault; with keys of before it can."""
    clock = Monotonic()
    known = tokens(issuer, monotonic=clock)
    issuer.status = 500
    for _ in range(5):
        with pytest.raises(DependencyUnavailable):
            known.caller(token())
    assert issuer.asked == 1
    issuer.status = 200
    clock.now += 11
    assert known.caller(token())
    issuer.status = 500
    clock.now += 601
    assert known.caller(token())


def test_roles_lie_where_the_setting_says(issuer: Issuer) -> None:
    """Dots lead into a claim within a claim; a text is a list of words; what is no list gives nothing."""
    nested = tokens(issuer, roles_claim="realm_access.roles")
    within = nested.caller(token(realm_access={"roles": ["auditor", 7]}))
    assert within is not None
    assert within.roles == {"auditor"}
    words = tokens(issuer).caller(token(roles="adviser auditor"))
    assert words is not None
    assert words.roles == {"adviser", "auditor"}
    nothing = nested.caller(token(realm_access="x"))
    assert nothing is not None
    assert nothing.scopes == frozenset()


@pytest.mark.parametrize("url", ["http://login.bank.example/keys", "ftp://x/keys", "keys"])
def test_keys_that_anybody_could_replace_on_the_way_are_refused(url: str) -> None:
    """An address without TLS is taken on this machine alone."""
    with pytest.raises(SettingsError, match="https"):
        Tokens(ISSUER, AUDIENCE, url)


def test_a_published_key_need_not_say_its_algorithm(issuer: Issuer) -> None:
    """A provider may leave `alg` out of its keys and sign with another than RS256; symmetric ones stay refused."""
    published = issuer.keys()
    for key in published:
        del key["alg"]
    known = tokens(issuer, fetch=lambda _: {"keys": published})
    for algorithm in ("RS256", "RS512", "PS384"):
        assert known.caller(token(algorithm=algorithm)), algorithm
    assert known.caller(token("a secret that is long enough for HS256", algorithm="HS256")) is None


def test_a_persons_name_and_limit_come_with_the_token(issuer: Issuer) -> None:
    """What OIDC says the person is called stands beside the subject; the role's limit bounds reviews."""
    caller = tokens(issuer, limits={"reviewer": 500.0}).caller(token(name="Anna Lind", roles=["reviewer"]))
    assert caller is not None
    assert (caller.name, caller.display_name, caller.limit) == ("user:anna", "Anna Lind", 500.0)
