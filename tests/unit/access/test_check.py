"""The check that both doors make."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import jwt
import pytest
from pydantic import SecretStr

from access.caller import AccessScope, Caller, CallerUnknown, ScopeMissing
from access.check import AccessCheck, access_check
from access.home_tokens import HomeTokens
from access.keyring import Keyring
from access.sessions import Sessions
from access.settings import AccessSettings
from access.users import UserFile
from credit.errors import SettingsError

READER = Caller("user:anna", "user", frozenset({AccessScope.READ}))


ISSUER = "https://login.bank.example"
GOOD = jwt.encode({"iss": ISSUER, "sub": "anna"}, "a secret of thirty-two characters")
BAD = jwt.encode({"iss": ISSUER, "sub": "eve"}, "a secret of thirty-two characters")
STRANGE = jwt.encode({"iss": "elsewhere", "sub": "anna"}, "a secret of thirty-two characters")


class OneToken:
    """Knows the token GOOD; notes on which thread it was asked."""

    issuer = ISSUER

    def __init__(self, ready: bool = True) -> None:
        self.ready = ready
        self.threads: set[int] = set()

    def ready_for(self, token: str) -> bool:
        return self.ready

    def caller(self, token: str) -> Caller | None:
        self.threads.add(threading.get_ident())
        return READER if token == GOOD else None


def allowed(check: AccessCheck, method: str, path: str, **headers: str) -> Caller | None:
    return asyncio.run(check.allow(method, path, {name.replace("_", "-"): value for name, value in headers.items()}))


CHECK = AccessCheck(Keyring(None, "secret"), OneToken())


def test_keys_and_tokens_are_both_taken() -> None:
    """A key in X-API-Key or a token in Authorization says who calls."""
    by_key = allowed(CHECK, "GET", "/v1/decisions", x_api_key="secret")
    assert by_key is not None
    assert by_key.name == "home"
    assert allowed(CHECK, "GET", "/v1/decisions", authorization=f"Bearer {GOOD}") == READER
    assert allowed(CHECK, "GET", "/v1/decisions", authorization=f"bearer {GOOD}") == READER


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_api_key": "guess"},
        {"authorization": f"Bearer {BAD}"},
        {"authorization": f"Basic {GOOD}"},
        {"authorization": f"Bearer {STRANGE}"},
        {"authorization": "Bearer good"},
        {"authorization": GOOD},
        {"x_api_key": "guess", "authorization": f"Bearer {GOOD}"},
    ],
)
def test_nobody_passes_without_a_valid_one(headers: dict[str, str]) -> None:
    """A wrong key is not saved by anything else that is sent."""
    with pytest.raises(CallerUnknown):
        allowed(CHECK, "GET", "/v1/decisions", **headers)


def test_a_caller_without_the_scope_is_told_which() -> None:
    """Known and not allowed is another answer than unknown."""
    with pytest.raises(ScopeMissing, match="decide"):
        allowed(CHECK, "POST", "/v1/decisions", authorization=f"Bearer {GOOD}")


def test_open_routes_ask_nothing() -> None:
    """A probe passes, with a wrong key too."""
    assert allowed(CHECK, "GET", "/health") is None
    assert allowed(CHECK, "GET", "/health", x_api_key="guess") is None


def test_whoever_is_known_may_ask_who_they_are() -> None:
    """A caller without any scope is told who it is; an unknown one is told nothing."""
    nobody = Caller("user:new", "user")

    class NoScopes(OneToken):
        def caller(self, token: str) -> Caller | None:
            return nobody

    check = AccessCheck(Keyring(None, "secret"), NoScopes())
    assert allowed(check, "GET", "/v1/me", authorization=f"Bearer {GOOD}") is nobody
    with pytest.raises(ScopeMissing):
        allowed(check, "GET", "/v1/decisions", authorization=f"Bearer {GOOD}")
    with pytest.raises(CallerUnknown):
        allowed(check, "GET", "/v1/me")


def test_each_issuers_tokens_go_to_their_own_reader(tmp_path: Path) -> None:
    """Tokens of local users are taken beside the identity provider's, and neither reader sees the other's."""
    users, theirs = UserFile(tmp_path), OneToken()
    first = users.add("bo", frozenset({"auditor"}))
    session = Sessions(tmp_path, 60.0).change_password("bo", first, "a long new secret")
    check = AccessCheck(Keyring(None, "secret"), theirs, HomeTokens(tmp_path))
    caller = allowed(check, "GET", "/v1/accesses", authorization=f"Bearer {session.token}")
    assert caller is not None
    assert caller.name == "user:bo"
    assert theirs.threads == set()
    assert allowed(check, "GET", "/v1/decisions", authorization=f"Bearer {GOOD}") == READER


def test_a_token_that_needs_the_issuer_does_not_hold_the_loop() -> None:
    """Only where the issuer must be asked another thread waits for it."""
    for ready in (True, False):
        known = OneToken(ready)
        allowed(AccessCheck(Keyring(None, None), known), "GET", "/v1/decisions", authorization=f"Bearer {GOOD}")
        assert (known.threads == {threading.get_ident()}) is ready


def test_a_door_that_nobody_could_pass_does_not_open(tmp_path: Path) -> None:
    """Without any key or issuer, or with an issuer whose keys nobody could find, the settings are refused."""
    with pytest.raises(SettingsError, match="nobody could call"):
        access_check(AccessSettings(api_key=None, api_keys_file=tmp_path / "none"))
    with pytest.raises(SettingsError, match="JWKS_URL"):
        access_check(AccessSettings(api_key=SecretStr("x"), jwt_issuer="https://login.bank.example"))


def test_settings_make_the_check() -> None:
    """The single key of today goes on working."""
    check = access_check(
        AccessSettings(
            api_key=SecretStr("x"),
            jwt_issuer="https://login.bank.example",
            jwt_jwks_url="https://login.bank.example/keys",
        )
    )
    caller = allowed(check, "POST", "/predict", x_api_key="x")
    assert caller is not None
    assert caller.name == "home"
