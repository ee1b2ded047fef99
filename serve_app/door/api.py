"""The HTTP door: FastAPI routes over one method that gathers concurrent requests into micro-batches.

Each route reads its body, hands `ApplicationBatch`es to the `DoorService` and words the answer; what a decision is, is
decided behind it.
"""

from __future__ import annotations

import hmac
import time
from typing import Annotated, Any, Protocol

import numpy as np
from fastapi import APIRouter, Depends, FastAPI, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import APIKeyHeader
from pydantic.json_schema import models_json_schema
from pydantic_core import from_json, to_json

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import LoanstreamError, UnknownClient
from credit.features import CATALOG
from credit.wire.application import (
    MAX_APPLICATION_BYTES,
    ApplicationMessage,
    ParsedBatch,
    encode_application,
    parse_applications,
)
from credit.wire.decision import decision_documents
from serve_app.door import problems
from serve_app.door.bodies import (
    DECISION_WORDS,
    ApplicationsRequest,
    ClientAnswer,
    ClientRequest,
    DecisionsAnswer,
    ExplainedPrediction,
    ModelAnswer,
    Prediction,
    Problem,
)

MAX_APPLICATIONS = 1000
_OPEN_PATHS = frozenset({"/health", "/ready", "/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"})
_KEY_HEADER = "X-API-Key"


_DECISIONS_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "oneOf": [
                    {"$ref": "#/components/schemas/ApplicationMessage"},
                    {"$ref": "#/components/schemas/ApplicationsRequest"},
                ]
            }
        }
    },
}


class DoorService(Protocol):
    """What the routes need of the replica behind them."""

    async def decide(self, batch: ApplicationBatch) -> DecisionBatch: ...

    async def application_of(self, client_id: int) -> bytes | None: ...

    async def on_file(self, client_id: int) -> tuple[bytes | None, np.ndarray[Any, Any]]: ...

    async def describe(self) -> dict[str, Any]: ...

    async def ready(self) -> bool: ...

    def observe(self, path: str, status: int, seconds: float) -> None: ...


def create_api(api_key: str) -> FastAPI:
    """Return the API; the replica puts itself on `app.state.door` before the first request."""
    app = FastAPI(
        title="Loanstream",
        version="1",
        summary="Decides loan applications: scored, explained, decided once.",
        responses={422: {"model": Problem}, 429: {"model": Problem}, 503: {"model": Problem}},
    )
    expected = api_key.encode()

    @app.middleware("http")
    async def guard(request: Request, call_next: Any) -> Response:
        path = request.url.path
        if path not in _OPEN_PATHS:
            given = request.headers.get(_KEY_HEADER, "").encode()
            if not hmac.compare_digest(given, expected):
                return problems.problem(401, "No valid API key", f"send the key as {_KEY_HEADER}")
        started = time.perf_counter()
        response: Response = await call_next(request)
        route = request.scope.get("route")
        label = getattr(route, "path", "other")
        request.app.state.door.observe(label, response.status_code, time.perf_counter() - started)
        return response

    @app.exception_handler(LoanstreamError)
    async def known(_: Request, error: LoanstreamError) -> JSONResponse:
        return problems.from_error(error)

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        listed = [(".".join(str(part) for part in e["loc"] if part != "body"), e["msg"]) for e in error.errors()]
        return problems.invalid(listed)

    app.include_router(_open_routes())
    app.include_router(_routes(), dependencies=[Depends(APIKeyHeader(name=_KEY_HEADER, auto_error=False))])
    _document_decisions_body(app)
    return app


def _document_decisions_body(app: FastAPI) -> None:
    """Add the bodies of `/v1/decisions` to the documentation: the route reads them by hand, as the stream does."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        first = app.openapi_schema is None
        schema = generate()
        if first:
            bodies: list[Any] = [(ApplicationMessage, "validation"), (ApplicationsRequest, "validation")]
            _, defined = models_json_schema(bodies, ref_template="#/components/schemas/{model}")
            schema["components"]["schemas"].update(defined["$defs"])
        return schema

    app.openapi = openapi  # type: ignore[method-assign]


def _door(request: Request) -> DoorService:
    door: DoorService = request.app.state.door
    return door


DoorOf = Annotated[DoorService, Depends(_door)]


def _open_routes() -> APIRouter:
    routes = APIRouter(tags=["operations"])

    @routes.get("/health")
    async def health() -> dict[str, str]:
        """Answer 200 while this process runs."""
        return {"status": "ok"}

    @routes.get("/ready", responses={503: {"model": Problem}})
    async def ready(door: DoorOf) -> Response:
        """Answer 200 once a model is loaded and the graph answers, 503 before."""
        if await door.ready():
            return JSONResponse({"status": "ready"})
        return problems.problem(503, "Not ready", "no model is loaded yet", retry_after_s=2)

    return routes


def _routes() -> APIRouter:
    routes = APIRouter(tags=["decisions"])

    @routes.post("/predict", response_model=Prediction, responses={404: {"model": Problem}})
    async def predict(body: ClientRequest, door: DoorOf) -> Response:
        """Decide the application on file of one client."""
        return JSONResponse(_prediction(await _decide_on_file(door, body.sk_id_curr)))

    @routes.post("/explain", response_model=ExplainedPrediction, responses={404: {"model": Problem}})
    async def explain(body: ClientRequest, door: DoorOf) -> Response:
        """Decide the application on file of one client, with every feature's contribution and the reasons."""
        decisions = await _decide_on_file(door, body.sk_id_curr)
        return Response(to_json(_explained(decisions), inf_nan_mode="null"), media_type="application/json")

    @routes.post("/v1/decisions", response_model=DecisionsAnswer, openapi_extra={"requestBody": _DECISIONS_BODY})
    async def decide(request: Request, door: DoorOf) -> Response:
        """Decide one application, or several under `applications`; each as on the stream."""
        parsed = _read(await request.body())
        if isinstance(parsed, JSONResponse):
            return parsed
        documents = decision_documents(await door.decide(parsed.batch))
        return Response(to_json({"decisions": documents}), media_type="application/json")

    @routes.get("/clients/{sk_id_curr}", response_model=ClientAnswer, responses={404: {"model": Problem}})
    async def client(sk_id_curr: Annotated[int, Path(ge=1, lt=2**63)], door: DoorOf) -> Response:
        """Return what is on file of a client: the application and the known history."""
        row, vector = await door.on_file(sk_id_curr)
        if row is None:
            raise _unknown(sk_id_curr)
        named = zip(CATALOG.history_names, vector.tolist(), strict=True)
        history = {name: value for name, value in named if not np.isnan(value)}
        answer = {"sk_id_curr": sk_id_curr, "application": from_json(row), "history": history}
        return Response(to_json(answer), media_type="application/json")

    @routes.get("/model", response_model=ModelAnswer)
    async def model(door: DoorOf) -> Response:
        """Return the model that decides now."""
        return JSONResponse(await door.describe())

    return routes


def _unknown(client_id: int) -> UnknownClient:
    return UnknownClient(f"no application of client {client_id} is on file; send it whole to /v1/decisions")


async def _decide_on_file(door: DoorService, client_id: int) -> DecisionBatch:
    row = await door.application_of(client_id)
    if row is None:
        raise _unknown(client_id)
    parsed = parse_applications([b'{"application":' + row + b"}"], [round(time.time() * 1000)])
    if parsed.rejected:
        raise UnknownClient(
            f"the application on file of client {client_id} cannot be read ({parsed.rejected[0].detail}); "
            "run `loanstream materialize` again"
        )
    return await door.decide(parsed.batch)


def _read(body: bytes) -> ParsedBatch | JSONResponse:
    """Read one application or several; a problem document where any of them is invalid."""
    now = round(time.time() * 1000)
    several = b'"applications"' in body[:MAX_APPLICATION_BYTES]
    if not several:
        parsed = parse_applications([body], [now])
        prefixes = [""]
    else:
        try:
            listed = from_json(body).get("applications")
        except (ValueError, AttributeError) as error:
            return problems.invalid([("", f"not a JSON object: {error}")])
        if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_APPLICATIONS:
            return problems.invalid([("applications", f"a list of 1 to {MAX_APPLICATIONS} applications is expected")])
        parsed = parse_applications([encode_application(item) for item in listed], [now] * len(listed))
        prefixes = [f"applications.{i}." for i in range(len(listed))]
    if parsed.rejected:
        errors = [(prefixes[r.row] + path, what) for r in parsed.rejected for path, what in r.problems]
        return problems.invalid(errors)
    return parsed


def _prediction(decisions: DecisionBatch) -> dict[str, Any]:
    default = float(decisions.probability[0])
    return {
        "sk_id_curr": int(decisions.applications.client_ids[0]),
        "score": 1.0 - default,
        "decision": DECISION_WORDS[int(decisions.outcome[0])],
        "probability_refusal": default,
        "probability_approval": 1.0 - default,
    }


def _explained(decisions: DecisionBatch) -> dict[str, Any]:
    return {
        **_prediction(decisions),
        "decision_id": decisions.decision_ids[0],
        "model_version": decisions.model.version,
        "base_value": decisions.expected_value,
        "raw_score": float(decisions.raw[0]),
        "contributions": dict(zip(decisions.model.features, decisions.contributions[0].tolist(), strict=True)),
        "reasons": decision_documents(decisions)[0]["reasons"],
    }
