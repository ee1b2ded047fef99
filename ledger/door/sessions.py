"""The routes of signing in: a session for a local user, a new password, and who one is."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any, Final, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from access.sessions import Sessions, SignInRefused, SignInSession
from ledger.door.asking import LedgerParts, Parts
from ledger.errors import InvalidRequest, NoLocalUsers
from ledger.review.actor import Actor

# These bodies are read before anybody has said who they are: no more than a form's worth is taken in.
_LONGEST_BODY: Final = 4096


class SessionRequest(BaseModel):
    """A local user's name and password."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    user: str = Field(min_length=1, max_length=63)
    password: str = Field(min_length=1, max_length=200)


class PasswordRequest(SessionRequest):
    """The same, and the password to be taken for the old one."""

    new_password: str = Field(min_length=1, max_length=200)


class SessionAnswer(BaseModel):
    """A session; no token where the first password has to be changed before: send it to /v1/sessions/password."""

    token: str | None = Field(description="For Authorization: Bearer.")
    expires_at: int | None = Field(description="When the token ends, milliseconds since the epoch.")
    name: str = Field(description="What the person is called.")
    roles: list[str]
    must_change: bool


class MeAnswer(BaseModel):
    """Who calls, and what that caller may do."""

    id: str = Field(description="As it stands in logs and on reviews.")
    name: str = Field(description="What the caller is called.")
    roles: list[str]
    scopes: list[str]
    review_limit: float | None = Field(description="Largest credit amount of a review; no bound if null.")


Body = TypeVar("Body", bound=BaseModel)


def session_routes(sessions: Sessions | None) -> APIRouter:
    """Return /v1/sessions, /v1/sessions/password and /v1/me; without sessions there are no local users."""
    routes = APIRouter(tags=["sessions"])

    @routes.post("/v1/sessions", response_model=SessionAnswer, openapi_extra=_body_of(SessionRequest))
    async def open_session(request: Request, parts: Parts) -> SessionAnswer:
        """Sign a local user in; who guesses waits longer from try to try. Sign-ins are in the log of accesses."""
        asked = await _read(request, SessionRequest)
        known = _required(sessions)
        return await _signed_in(parts, asked.user, "sign-in", lambda: known.open(asked.user, asked.password))

    @routes.post("/v1/sessions/password", response_model=SessionAnswer, openapi_extra=_body_of(PasswordRequest))
    async def change_password(request: Request, parts: Parts) -> SessionAnswer:
        """Take a new password for the old one and sign in with it; the user's other sessions end."""
        asked = await _read(request, PasswordRequest)
        known = _required(sessions)
        return await _signed_in(
            parts,
            asked.user,
            "password changed",
            lambda: known.change_password(asked.user, asked.password, asked.new_password),
        )

    @routes.get("/v1/me", response_model=MeAnswer)
    async def me(request: Request, parts: Parts) -> MeAnswer:
        """Say who calls: a key, a local user or a person of the identity provider."""
        actor = await parts.actor_of(request)
        return MeAnswer(
            id=actor.name,
            name=actor.display_name or actor.name.removeprefix("user:"),
            roles=sorted(actor.roles - {"lead"}),
            scopes=sorted(actor.scopes),
            review_limit=None if math.isinf(actor.limit) else actor.limit,
        )

    return routes


async def _signed_in(parts: LedgerParts, user: str, action: str, opening: Callable[[], SignInSession]) -> SessionAnswer:
    """Open a session on another thread, since hashing takes long, and note in the log how it went."""
    actor = Actor(f"user:{user}")
    try:
        session = await asyncio.to_thread(opening)
    except SignInRefused:
        await asyncio.to_thread(parts.access.note, actor, "sign-in refused", None, None)
        raise
    await asyncio.to_thread(parts.access.note, actor, action, None, None)
    return SessionAnswer(
        token=session.token,
        expires_at=None if session.expires_at is None else 1000 * session.expires_at,
        name=session.user.full_name or session.user.name,
        roles=sorted(session.user.roles),
        must_change=session.must_change,
    )


def _required(sessions: Sessions | None) -> Sessions:
    if sessions is None:
        raise NoLocalUsers("nobody signs in here with a password; sign in at your identity provider")
    return sessions


async def _read(request: Request, model: type[Body]) -> Body:
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > _LONGEST_BODY:
            raise InvalidRequest("body", f"it has more than {_LONGEST_BODY} bytes")
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        # The input is not repeated: it may hold a password.
        first = error.errors(include_input=False, include_url=False)[0]
        raise InvalidRequest(".".join(map(str, first["loc"])) or "body", first["msg"]) from None


def _body_of(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
