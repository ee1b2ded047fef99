"""Sign-in at the ledger's door: local users by password, and people of a real identity provider by its tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from access.guesses import FREE_TRIES
from access.users import UserFile
from ledger.door.wiring import door_of
from ledger.settings import LedgerSettings
from ledger.store.engine import connect
from ledger.store.migrate import upgrade
from tests.fixtures.identity import IdentityProvider

pytestmark = pytest.mark.integration

HOME = {"X-API-Key": "the-home-key"}
NEW = "a long new secret"


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The door over an empty database, with a folder of users."""
    monkeypatch.setenv("LOANSTREAM_USERS_FOLDER", str(tmp_path / "users"))
    monkeypatch.setenv("LOANSTREAM_REVIEW_LIMITS", '{"reviewer": 500000}')
    settings = LedgerSettings(home=tmp_path / "ledger", api_key=SecretStr("the-home-key"))
    engine = connect(settings.url)
    upgrade(engine)
    with TestClient(door_of(settings, engine)) as client:
        yield client
    engine.dispose()


@pytest.fixture
def users(tmp_path: Path) -> UserFile:
    return UserFile(tmp_path / "users")


def as_person(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def signed_in(api: TestClient, users: UserFile, name: str, role: str, full_name: str = "") -> dict[str, str]:
    """Return the headers of a new user who has signed in."""
    first = users.add(name, frozenset({role}), full_name)
    answer = api.post("/v1/sessions/password", json={"user": name, "password": first, "new_password": NEW})
    assert answer.status_code == 200, answer.text
    return as_person(answer.json()["token"])


def test_a_new_user_signs_in_changes_the_password_and_is_known(api: TestClient, users: UserFile) -> None:
    """The first password gives no token; with the new one the token says who and what, and the roles hold."""
    first = users.add("rae", frozenset({"reviewer"}), "Rae Moss")
    opened = api.post("/v1/sessions", json={"user": "rae", "password": first})
    assert opened.status_code == 200
    assert opened.json() == {
        "token": None,
        "expires_at": None,
        "name": "Rae Moss",
        "roles": ["reviewer"],
        "must_change": True,
    }
    easy = api.post("/v1/sessions/password", json={"user": "rae", "password": first, "new_password": "short"})
    assert (easy.status_code, easy.json()["errors"][0]["field"]) == (422, "new_password")
    changed = api.post("/v1/sessions/password", json={"user": "rae", "password": first, "new_password": NEW}).json()
    assert changed["must_change"] is False
    me = api.get("/v1/me", headers=as_person(changed["token"])).json()
    assert me == {
        "id": "user:rae",
        "name": "Rae Moss",
        "roles": ["reviewer"],
        "scopes": ["identity", "read", "review"],
        "review_limit": 500_000.0,
    }
    assert api.get("/v1/reviews", headers=as_person(changed["token"])).status_code == 200
    assert api.get("/v1/accesses", headers=as_person(changed["token"])).status_code == 403


def test_who_one_is_by_key_and_by_nothing(api: TestClient) -> None:
    """The home's key is known and has no limit; without anything one is nobody."""
    me = api.get("/v1/me", headers=HOME).json()
    assert (me["id"], me["name"], me["review_limit"]) == ("home", "home", None)
    assert "admin" in me["scopes"]
    assert api.get("/v1/me").status_code == 401
    assert api.get("/v1/me", headers=as_person("a.b.c")).status_code == 401


def test_guessers_are_slowed_down_and_noted(api: TestClient, users: UserFile) -> None:
    """A wrong password is 401, too many are 429 with the time to wait, and both stand in the log of accesses."""
    users.add("anna", frozenset({"adviser"}))
    guess = {"user": "anna", "password": "a guess"}
    assert [api.post("/v1/sessions", json=guess).status_code for _ in range(FREE_TRIES)] == [401] * FREE_TRIES
    refused = api.post("/v1/sessions", json=guess)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    noted = api.get("/v1/accesses", headers=HOME).json()["accesses"]
    assert [(a["by"], a["action"]) for a in noted] == [("user:anna", "sign-in refused")] * FREE_TRIES


def test_an_open_route_takes_in_no_more_than_a_form(api: TestClient) -> None:
    """A large body, a field too many and no JSON are refused, and no answer repeats what was sent."""
    for content in (b'{"user": "' + b"a" * 10_000 + b'"}', b'{"user": "a", "password": "s3cret", "x": 1}', b"s3cret"):
        answer = api.post("/v1/sessions", content=content)
        assert answer.status_code == 422
        assert "s3cret" not in answer.text


def test_a_person_is_named_in_the_log_of_accesses(api: TestClient, users: UserFile) -> None:
    """Whoever looks at a client stands there as a person, with the name that they go by."""
    anna = signed_in(api, users, "anna", "adviser", "Anna Lind")
    assert api.get("/v1/clients/100001/decisions", headers=anna).status_code == 200
    noted = api.get("/v1/accesses", headers=HOME, params={"client": 100001}).json()["accesses"]
    assert [(a["by"], a["action"]) for a in noted] == [("user:anna (Anna Lind)", "list")]


def test_a_removed_user_is_out_at_once(api: TestClient, users: UserFile) -> None:
    """The session that is open ends with its user."""
    anna = signed_in(api, users, "anna", "adviser")
    assert api.get("/v1/me", headers=anna).status_code == 200
    users.remove("anna")
    assert api.get("/v1/me", headers=anna).status_code == 401


@pytest.fixture
def oidc_api(
    identity_provider: IdentityProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """The door of a ledger whose people sign in at an identity provider alone."""
    for name, value in identity_provider.environment().items():
        monkeypatch.setenv(name, value)
    settings = LedgerSettings(home=tmp_path / "ledger", api_key=SecretStr("the-home-key"))
    engine = connect(settings.url)
    upgrade(engine)
    with TestClient(door_of(settings, engine)) as client:
        yield client
    engine.dispose()


@pytest.mark.parametrize("kind", ["id_token", "access_token"])
def test_tokens_of_a_real_identity_provider_are_taken_with_their_roles(
    identity_provider: IdentityProvider, oidc_api: TestClient, kind: str
) -> None:
    """The provider's groups are our roles, its subject is the name, and an adviser is refused what advisers may not."""
    token = identity_provider.tokens("adele")[kind]
    me = oidc_api.get("/v1/me", headers=as_person(token)).json()
    assert me == {
        "id": "user:adele",
        "name": "Adele Vance",
        "roles": ["adviser"],
        "scopes": ["decide", "identity", "read"],
        "review_limit": None,
    }
    assert oidc_api.get("/v1/clients/100001/decisions", headers=as_person(token)).status_code == 200
    assert oidc_api.get("/v1/reviews", headers=as_person(token)).status_code == 403
    alva = as_person(identity_provider.tokens("alva")[kind])
    noted = oidc_api.get("/v1/accesses", headers=alva).json()["accesses"]
    assert ("user:adele (Adele Vance)", "list") in [(a["by"], a["action"]) for a in noted]


def test_a_token_for_another_service_of_the_provider_is_refused(
    identity_provider: IdentityProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider signs for many: what names another audience opens nothing here."""
    token: str = identity_provider.tokens("mira")["id_token"]
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    assert "loanstream" in claims["aud"]
    for name, value in (identity_provider.environment() | {"LOANSTREAM_JWT_AUDIENCE": "payroll"}).items():
        monkeypatch.setenv(name, value)
    settings = LedgerSettings(home=tmp_path / "ledger", api_key=SecretStr("the-home-key"))
    engine = connect(settings.url)
    upgrade(engine)
    with TestClient(door_of(settings, engine)) as client:
        assert client.get("/v1/me", headers=as_person(token)).status_code == 401
        password = client.post("/v1/sessions", json={"user": "mira", "password": "x"})
        assert (password.status_code, "identity provider" in password.json()["detail"]) == (404, True)
    engine.dispose()
