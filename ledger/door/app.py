"""The ledger's HTTP API put together."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from sqlalchemy import text
from starlette.exceptions import HTTPException

from credit.errors import LoanstreamError
from ledger.door import problems
from ledger.door.asking import LedgerParts, only_known_parameters
from ledger.door.decisions import decision_routes
from ledger.door.problems import LedgerProblem
from ledger.door.reviews import review_routes
from ledger.metrics import DoorMetrics
from ledger.store.engine import reading
from ledger.store.migrate import require_current

_ANSWERS = {status: {"model": LedgerProblem} for status in (401, 403, 404, 409, 422, 429, 503)}


class WorksBeside(Protocol):
    """A thread that works while the API answers."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


def create_app(
    parts: LedgerParts,
    registry: CollectorRegistry,
    more: Sequence[APIRouter] = (),
    beside: Sequence[WorksBeside] = (),
) -> FastAPI:
    """Return the API over these parts, with more routes; its own metrics go to the registry, which /metrics shows.

    beside: started and stopped with the application.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for thread in beside:
            thread.start()
        try:
            yield
        finally:
            for thread in beside:
                thread.stop()

    app = FastAPI(
        lifespan=lifespan,
        title="Loanstream ledger",
        version="1",
        summary="Decisions kept, found, contested and reviewed.",
        responses=_ANSWERS,  # type: ignore[arg-type] # FastAPI's own type wants string keys too
    )
    app.state.parts = parts
    seconds = DoorMetrics(registry).seconds

    @app.middleware("http")
    async def measured(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        begun = time.perf_counter()
        response = await call_next(request)
        route = getattr(request.scope.get("route"), "path", "other")
        seconds.labels(route, str(response.status_code)).observe(time.perf_counter() - begun)
        return response

    @app.exception_handler(LoanstreamError)
    async def known(_: Request, error: LoanstreamError) -> JSONResponse:
        return problems.of_error(error)

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {"field": ".".join(str(p) for p in e["loc"] if p not in ("body", "query", "path")), "message": e["msg"]}
            for e in error.errors()
        ]
        return problems.problem(422, "Invalid request", "correct what errors names and send it again", errors)

    @app.exception_handler(HTTPException)
    async def no_such_route(_: Request, error: HTTPException) -> JSONResponse:
        return problems.problem(error.status_code, str(error.detail), "the routes of the ledger are at /docs")

    @app.exception_handler(Exception)
    async def unforeseen(_: Request, error: Exception) -> JSONResponse:
        kind = type(error).__name__
        return problems.problem(500, "Internal error", f"a fault of ours ({kind}), which the ledger's log tells whole")

    @app.get("/health", tags=["operations"])
    async def health() -> dict[str, str]:
        """Answer 200 while this process runs."""
        return {"status": "ok"}

    @app.get("/ready", tags=["operations"])
    def ready() -> dict[str, str]:
        """Answer 200 while the database answers and is at this version's migration."""
        require_current(parts.engine)
        with reading(parts.engine) as connection:
            connection.execute(text("SELECT 1"))
        return {"status": "ready"}

    @app.get("/metrics", tags=["operations"], response_class=Response)
    def metrics() -> Response:
        """Return the figures of this process and of the queue of reviews."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    for routes in (decision_routes(), review_routes(), *more):
        app.include_router(routes, dependencies=[Depends(only_known_parameters)])
    return app
