"""Sign-in of local users, and how their tokens are taken."""

from __future__ import annotations

import time
from pathlib import Path

import jwt
import pytest

from access.caller import AccessScope
from access.guesses import FREE_TRIES, TooManyTries
from access.home_tokens import HOME_ISSUER, HomeIssuer, HomeTokens
from access.passwords import PasswordRefused
from access.sessions import Sessions, SignInRefused
from access.users import UserFile

NEW = "a long new secret"


def signed_in(folder: Path, name: str = "anna", role: str = "adviser") -> str:
    """Return the token of a new user who has changed the first password."""
    first = UserFile(folder).add(name, frozenset({role}), "Anna Lind")
    session = Sessions(folder, 60.0).change_password(name, first, NEW)
    assert session.token is not None
    return session.token


def test_a_first_password_opens_nothing_but_its_change(tmp_path: Path) -> None:
    """Until it is changed there is no token; after that it is wrong."""
    first = UserFile(tmp_path).add("anna", frozenset({"adviser"}))
    sessions = Sessions(tmp_path, 60.0)
    opened = sessions.open("anna", first)
    assert opened.must_change
    assert opened.token is None
    with pytest.raises(PasswordRefused):
        sessions.change_password("anna", first, "short")
    changed = sessions.change_password("anna", first, NEW)
    assert not changed.must_change
    assert changed.expires_at is not None
    assert 50 < changed.expires_at - time.time() <= 60
    with pytest.raises(SignInRefused):
        sessions.open("anna", first)
    assert sessions.open("anna", NEW).token


def test_a_token_says_who_calls_and_the_file_what_they_may(tmp_path: Path) -> None:
    """The caller has the user's name, roles, limit and full name, and a role holds from the moment it is written."""
    first = UserFile(tmp_path).add("rae", frozenset({"reviewer"}), "Rae Moss", limit=7000.0)
    token = Sessions(tmp_path, 60.0).change_password("rae", first, NEW).token
    assert token is not None
    caller = HomeTokens(tmp_path, {"reviewer": 9.0}).caller(token)
    assert caller is not None
    assert (caller.name, caller.kind, caller.display_name) == ("user:rae", "user", "Rae Moss")
    assert caller.limit == 7000.0
    assert caller.scopes == {AccessScope.READ, AccessScope.REVIEW, AccessScope.IDENTITY}


def test_a_door_that_started_before_the_first_user_takes_the_token(tmp_path: Path) -> None:
    """Neither key nor user was there when the door opened."""
    tokens = HomeTokens(tmp_path)
    assert tokens.caller("a.b.c") is None
    assert tokens.caller(signed_in(tmp_path)) is not None


@pytest.mark.parametrize("change", ["remove", "new_first_password"])
def test_sessions_end_with_what_they_stood_on(tmp_path: Path, change: str) -> None:
    """A removed user and one with a new password are signed out at every door at once."""
    token, tokens = signed_in(tmp_path), HomeTokens(tmp_path)
    assert tokens.caller(token) is not None
    getattr(UserFile(tmp_path), change)("anna")
    assert tokens.caller(token) is None


def test_a_password_changed_ends_the_other_sessions(tmp_path: Path) -> None:
    """Whoever stole a session loses it when the owner changes the password."""
    token, tokens = signed_in(tmp_path), HomeTokens(tmp_path)
    again = Sessions(tmp_path, 60.0).change_password("anna", NEW, "another long secret")
    assert again.token is not None
    assert tokens.caller(token) is None
    assert tokens.caller(again.token) is not None


def test_an_old_or_forged_token_is_refused(tmp_path: Path) -> None:
    """One that is over, one of another folder's key, one without a signature, one with more claimed than signed."""
    tokens = HomeTokens(tmp_path / "one")
    good = signed_in(tmp_path / "one")
    assert tokens.caller(good) is not None
    (user,) = UserFile(tmp_path / "one").listed()
    old, _ = HomeIssuer(tmp_path / "one", lambda: time.time() - 100).token(user, 60.0)
    assert tokens.caller(old) is None
    assert tokens.caller(HomeIssuer(tmp_path / "two").token(user, 60.0)[0]) is None
    claims = jwt.decode(good, options={"verify_signature": False})
    kid = {"kid": jwt.get_unverified_header(good)["kid"]}
    assert claims["iss"] == HOME_ISSUER
    assert tokens.caller(jwt.encode(claims, None, "none", headers=kid)) is None
    assert tokens.caller(jwt.encode(claims, "a secret of thirty-two characters", "HS256", headers=kid)) is None
    head, _, signature = good.split(".")
    other = jwt.encode(claims | {"sub": "admin"}, "a secret of thirty-two characters").split(".")[1]
    assert tokens.caller(f"{head}.{other}.{signature}") is None


def test_guessers_wait_and_learn_nothing(tmp_path: Path) -> None:
    """A user that is not there is refused with the same words, and both are slowed down."""
    UserFile(tmp_path).add("anna", frozenset({"adviser"}))
    sessions = Sessions(tmp_path, 60.0)
    said = set()
    for name in ("anna", "nobody"):
        for _ in range(FREE_TRIES):
            with pytest.raises(SignInRefused) as refused:
                sessions.open(name, "a guess of one")
            said.add(str(refused.value))
        with pytest.raises(TooManyTries):
            sessions.open(name, "a guess of one")
    assert len(said) == 1


def test_deleting_the_key_ends_all_sessions(tmp_path: Path) -> None:
    """The documented way to sign everybody out holds at a door that has seen the key, and the next sign-in works."""
    token, tokens = signed_in(tmp_path), HomeTokens(tmp_path)
    assert tokens.caller(token) is not None
    for name in ("sessions-key.pem", "sessions-key.public.pem"):
        (tmp_path / name).unlink()
    assert tokens.caller(token) is None
    again = Sessions(tmp_path, 60.0).open("anna", NEW).token
    assert again is not None
    assert tokens.caller(again) is not None
    assert tokens.caller(token) is None


def test_the_private_key_is_its_owners_alone(tmp_path: Path) -> None:
    """The key that makes tokens is readable by nobody else."""
    signed_in(tmp_path)
    assert (tmp_path / "sessions-key.pem").stat().st_mode & 0o077 == 0
