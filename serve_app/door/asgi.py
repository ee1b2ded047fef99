"""The whole API as one ASGI application: the gate, the bare routes, and the documented ones behind them."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Protocol

from credit.errors import LoanstreamError
from serve_app.door import problems
from serve_app.door.answer import Answer, AsgiApp, Message, Receive, Scope, Send, read_body
from serve_app.door.gate import Gate
from serve_app.door.looking import LookNotes
from serve_app.door.routes import Route

log = logging.getLogger(__name__)


class RequestObserver(Protocol):
    """Who counts answered requests."""

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Take note of one; `path` is a route, never an address with an applicant's id."""


class HttpApi:
    """Every request passes the gate, goes to a bare route or to `others`, and is counted.

    bare: routes by method and path, for what must be quick; others: an application that knows all other routes; looks:
    notes who looks at a client's data, None where there is no ledger to note it in.
    """

    def __init__(
        self,
        gate: Gate,
        bare: Mapping[tuple[str, str], Route],
        others: AsgiApp,
        observer: RequestObserver,
        looks: LookNotes | None = None,
    ) -> None:
        self._gate, self._bare, self._others, self._observer = gate, bare, others, observer
        self._looks = looks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._others(scope, receive, send)
            return
        started = time.perf_counter()
        path: str = scope["path"]
        route = self._bare.get((scope["method"], path))
        refused = await self._gate.refusal(scope)
        if refused is None and self._looks is not None:
            try:
                refused, receive = await self._looks.before(scope, receive)
            except ConnectionError:
                return  # the caller is gone, and waits for nothing
        if refused is not None:
            await refused.send(send)
            label, status = (path if route is not None else "other"), refused.status
        elif route is not None:
            answer = await _answer(route, receive)
            await answer.send(send)
            label, status = path, answer.status
        else:
            status = await _status_of(self._others, scope, receive, send)
            label = getattr(scope.get("route"), "path", "other")
        self._observer.answered(label, status, time.perf_counter() - started)


async def _answer(route: Route, receive: Receive) -> Answer:
    try:
        return await route(await read_body(receive))
    except LoanstreamError as error:
        return problems.from_error(error)
    except ConnectionError as error:
        return problems.problem(400, "No whole request", str(error))
    except Exception:
        log.exception("a request failed")
        return problems.problem(500, "Internal error", "the log of this replica says why")


async def _status_of(app: AsgiApp, scope: Scope, receive: Receive, send: Send) -> int:
    status = 500

    async def noting(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        await send(message)

    await app(scope, receive, noting)
    return status
