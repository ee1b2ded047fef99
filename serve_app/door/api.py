"""The documented API: FastAPI describes every route, and answers those that need not be quick.

The bare routes stand here for their documentation; `serve_app.door.asgi` answers them before a request comes this far.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import orjson
from fastapi import APIRouter, Depends, FastAPI, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.security import APIKeyHeader
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from credit.errors import LoanstreamError
from credit.features import CATALOG
from credit.wire.application import ApplicationMessage
from serve_app.door import problems
from serve_app.door.answer import Answer
from serve_app.door.bodies import (
    ApplicationsRequest,
    ClientAnswer,
    ClientRequest,
    DecisionsAnswer,
    ExplainedPrediction,
    ModelAnswer,
    Prediction,
    Problem,
    SimulatedClient,
    SimulationsAnswer,
)
from serve_app.door.counterfactuals import counterfactual_routes
from serve_app.door.gate import KEY_HEADER
from serve_app.door.insight_bodies import SimilarRequest
from serve_app.door.insights import insight_routes
from serve_app.door.routes import BareRoutes
from serve_app.door.service import HttpService


def documented_api(service: HttpService, bare: BareRoutes) -> FastAPI:
    """Return the API without its gate."""
    app = FastAPI(
        title="Loanstream",
        version="1",
        summary="Decides loan applications: scored, explained, decided once.",
        responses={422: {"model": Problem}, 429: {"model": Problem}, 503: {"model": Problem}},
    )

    @app.exception_handler(LoanstreamError)
    async def known(_: Request, error: LoanstreamError) -> Response:
        return _response(problems.from_error(error))

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> Response:
        listed = [(".".join(str(part) for part in e["loc"] if part != "body"), e["msg"]) for e in error.errors()]
        return _response(problems.invalid(listed))

    app.include_router(_open_routes(service))
    with_key = [Depends(APIKeyHeader(name=KEY_HEADER, auto_error=False))]
    app.include_router(_deciding_routes(bare), dependencies=with_key)
    app.include_router(counterfactual_routes(bare.counterfactual), dependencies=with_key)
    app.include_router(_reading_routes(service), dependencies=with_key)
    app.include_router(insight_routes(service), dependencies=with_key)
    _document_bodies(app)
    return app


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status)
    response.raw_headers = [*answer.headers, (b"content-length", b"%d" % len(answer.body))]
    return response


def _body(*models: type[BaseModel]) -> dict[str, Any]:
    """Return the documentation of a body that a route reads itself."""
    references = [{"$ref": f"#/components/schemas/{model.__name__}"} for model in models]
    schema = references[0] if len(references) == 1 else {"oneOf": references}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _document_bodies(app: FastAPI) -> None:
    """Add the bodies that routes read themselves to the documentation."""
    generate = app.openapi
    read_by_hand = (ClientRequest, ApplicationMessage, ApplicationsRequest, SimulatedClient, SimilarRequest)

    def openapi() -> dict[str, Any]:
        first = app.openapi_schema is None
        schema = generate()
        if first:
            bodies: list[Any] = [(model, "validation") for model in read_by_hand]
            _, defined = models_json_schema(bodies, ref_template="#/components/schemas/{model}")
            schema["components"]["schemas"].update(defined["$defs"])
        return schema

    app.openapi = openapi  # type: ignore[method-assign]


def _open_routes(service: HttpService) -> APIRouter:
    routes = APIRouter(tags=["operations"])

    @routes.get("/health")
    async def health() -> dict[str, str]:
        """Answer 200 while this process runs."""
        return {"status": "ok"}

    @routes.get("/ready", responses={503: {"model": Problem}})
    async def ready() -> Response:
        """Answer 200 once a model is loaded and the graph answers, 503 before."""
        if await service.ready():
            return _response(Answer.of({"status": "ready"}))
        return _response(problems.problem(503, "Not ready", "no model is loaded yet", retry_after_s=2))

    return routes


def _deciding_routes(bare: BareRoutes) -> APIRouter:
    routes = APIRouter(tags=["decisions"])
    unknown: dict[int | str, dict[str, Any]] = {404: {"model": Problem}}
    a_client = _body(ClientRequest)

    @routes.post("/predict", response_model=Prediction, responses=unknown, openapi_extra=a_client)
    async def predict(request: Request) -> Response:
        """Decide the application on file of one client."""
        return _response(await bare.predict(await request.body()))

    @routes.post("/explain", response_model=ExplainedPrediction, responses=unknown, openapi_extra=a_client)
    async def explain(request: Request) -> Response:
        """Decide the application on file of one client, with every feature's contribution and the reasons."""
        return _response(await bare.explain(await request.body()))

    applications = _body(ApplicationMessage, ApplicationsRequest)

    @routes.post("/v1/decisions", response_model=DecisionsAnswer, openapi_extra=applications)
    async def decide(request: Request) -> Response:
        """Decide one application, or several under `applications`; each as on the stream."""
        return _response(await bare.decide(await request.body()))

    what_if = _body(SimulatedClient, ApplicationMessage, ApplicationsRequest)

    @routes.post("/v1/simulations", response_model=SimulationsAnswer, responses=unknown, openapi_extra=what_if)
    async def simulate(request: Request) -> Response:
        """Say what would be decided, on applications or on a client's with some columns changed; nothing is kept."""
        return _response(await bare.simulate(await request.body()))

    return routes


def _reading_routes(service: HttpService) -> APIRouter:
    routes = APIRouter(tags=["decisions"])

    @routes.get("/clients/{sk_id_curr}", response_model=ClientAnswer, responses={404: {"model": Problem}})
    async def client(sk_id_curr: Annotated[int, Path(ge=1, lt=2**63)]) -> Response:
        """Return what is on file of a client: the application and the known history."""
        row, known = await service.on_file(sk_id_curr)
        named = zip(CATALOG.history_names, known.vectors[0].tolist(), strict=True)
        history = {name: value for name, value in named if not np.isnan(value)}
        return _response(Answer.of({"sk_id_curr": sk_id_curr, "application": orjson.loads(row), "history": history}))

    @routes.get("/model", response_model=ModelAnswer)
    async def model() -> Response:
        """Return the model that decides now."""
        return _response(Answer.of(await service.describe()))

    return routes
