"""Who one is, and sign-in with a password."""

from __future__ import annotations

from desk.client.base import AnswerModel, DeskApi


class Me(AnswerModel):
    """The caller as the API knows them."""

    id: str
    name: str
    roles: list[str]
    scopes: list[str]
    review_limit: float | None = None


class OpenedSession(AnswerModel):
    """What a sign-in gives: no token while the first password is to be changed."""

    token: str | None
    name: str
    must_change: bool


def who_am_i(api: DeskApi) -> Me:
    """Return who the credentials belong to; raises SignedOut where they are nobody's, or no longer."""
    return api.get("/v1/me", Me)


def open_session(api: DeskApi, user: str, password: str) -> OpenedSession:
    """Sign in with a password; raises SignedOut where user or password is wrong, TooManyAtOnce after many tries."""
    return api.post("/v1/sessions", OpenedSession, {"user": user, "password": password})


def change_password(api: DeskApi, user: str, password: str, new: str) -> OpenedSession:
    """Take a new password for the old one and sign in with it; raises RefusedInput for one that is too easy."""
    body = {"user": user, "password": password, "new_password": new}
    return api.post("/v1/sessions/password", OpenedSession, body)
