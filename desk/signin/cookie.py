"""The cookie of a local user's session, and the route that sets it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Final

from desk.signin.tickets import SessionTickets

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Message, Receive, Send], Awaitable[None]]
SESSION_COOKIE: Final = "loanstream-desk-session"
PATH: Final = "/session"
# Another site's page cannot send this header without being asked for leave, which nobody gives it.
_HEADER: Final = "x-loanstream-desk"
_LONGEST: Final = 100


def session_route(tickets: SessionTickets, secure: bool) -> Route:
    """Return the route that takes a ticket and sets or deletes the cookie; secure: the cookie goes over TLS alone."""
    from starlette.responses import Response as Answer
    from starlette.routing import Route

    async def keep(request: Request) -> Response:
        ticket = b""
        async for piece in request.stream():
            ticket += piece
            if len(ticket) > _LONGEST:
                return Answer(status_code=413)
        if request.headers.get(_HEADER) != "session":
            return Answer(status_code=403)
        good, token = tickets.redeem(ticket.decode("latin-1"))
        if not good:
            return Answer(status_code=403)
        answer = Answer(status_code=204)
        if token is None:
            answer.delete_cookie(SESSION_COOKIE, path="/")
        else:
            # Until the browser is closed; the token in it ends by itself before.
            answer.set_cookie(SESSION_COOKIE, token, httponly=True, samesite="strict", secure=secure, path="/")
        return answer

    return Route(PATH, keep, methods=["POST"])


class CookiesOverTls:
    """An ASGI layer that marks every cookie as Secure: Streamlit's own hold tokens and are not."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [(n, _secure(v) if n.lower() == b"set-cookie" else v) for n, v in message["headers"]]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, sending)


def _secure(cookie: bytes) -> bytes:
    return cookie if b"; secure" in cookie.lower() else cookie + b"; Secure"
