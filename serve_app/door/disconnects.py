"""What was asked is finished, whether or not its caller still waits.

Serve watches every connection for the caller's going away, to cancel its request: two tasks and a wait for each. A
decision that was begun is audited anyway, so there is nothing to spare. Serve leaves it to a header; this sets it for
all. `RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH=serve_app.door.disconnects:middlewares` puts it
in front of Serve's own handling.
"""

from __future__ import annotations

from starlette.middleware import Middleware

from serve_app.door.answer import AsgiApp, Receive, Scope, Send
from serve_app.door.one_write import AnswerInOneWrite

_UNWATCHED = (b"x-request-disconnect-disabled", b"?1")


class FinishWhatIsAsked:
    """Tells Serve not to watch a request's connection."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["headers"] = [*scope["headers"], _UNWATCHED]
        await self._app(scope, receive, send)


def middlewares() -> list[Middleware]:
    """Return what Serve puts in front of its own handling of a request."""
    return [Middleware(AnswerInOneWrite), Middleware(FinishWhatIsAsked)]
