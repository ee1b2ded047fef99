"""The routes that tell of the model that decides, and find clients: read by people, and beside every decision's way."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

import numpy as np
from fastapi import APIRouter, Query, Request, Response

from credit.application import ApplicationBatch
from credit.features import CATALOG
from credit.schema import UNKNOWN_CATEGORY
from serve_app.door import problems
from serve_app.door.answer import Answer
from serve_app.door.bodies import Problem
from serve_app.door.insight_bodies import (
    MOST_APPLICANTS,
    MOST_FEATURES,
    CatalogAnswer,
    ClientIdsAnswer,
    DependenceAnswer,
    ImportanceAnswer,
    ModelPageAnswer,
    SampleAnswer,
    SimilarAnswer,
    SimilarRequest,
    VersionAnswer,
)
from serve_app.door.reading import overridden, read_applications, validated
from serve_app.insight.questions import (
    CatalogQuestion,
    DependenceQuestion,
    ImportanceQuestion,
    InsightQuestion,
    ModelQuestion,
    SampleQuestion,
    SimilarQuestion,
    VersionsQuestion,
)
from serve_app.steps.lookup import KnownHistory

_Feature = Query(min_length=1, max_length=80, pattern="^[A-Za-z0-9_]+$")
_Features = Query(max_length=80 * MOST_FEATURES, pattern="^[A-Za-z0-9_]+(,[A-Za-z0-9_]+)*$")
_Prefix = Query(pattern="^([1-9][0-9]{0,18})?$", description="First digits of the ids; nothing for the lowest.")
_Points = Query(ge=1, le=MOST_APPLICANTS)
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": Problem}}


class InsightService(Protocol):
    """What the routes need of the replica behind them; raises our errors."""

    async def clients(self, prefix: str, limit: int) -> list[int]: ...

    async def insight(self, question: InsightQuestion) -> bytes: ...

    async def on_file(self, client_id: int) -> tuple[bytes, KnownHistory]: ...


def insight_routes(service: InsightService) -> APIRouter:
    """Return the documented routes."""
    routes = APIRouter(tags=["model"])

    async def answered(question: InsightQuestion) -> Response:
        return Response(await service.insight(question), media_type="application/json")

    @routes.get("/v1/clients", response_model=ClientIdsAnswer)
    async def clients(
        prefix: Annotated[str, _Prefix] = "", limit: Annotated[int, Query(ge=1, le=100)] = 10
    ) -> dict[str, list[int]]:
        """Suggest clients with an application on file whose ids begin with some digits."""
        return {"clients": await service.clients(prefix, limit)}

    @routes.get("/v1/catalog", response_model=CatalogAnswer)
    async def catalog() -> Response:
        """Return the application's columns, the features that the model reads, and the subjects of reasons."""
        return await answered(CatalogQuestion())

    @routes.get("/v1/model", response_model=ModelPageAnswer)
    async def model() -> Response:
        """Return the card, measures, calibration and fairness of the model that decides."""
        return await answered(ModelQuestion())

    @routes.get("/v1/model/versions", response_model=list[VersionAnswer])
    async def versions() -> Response:
        """Return all registered versions, newest first, with promotions and rehearsals."""
        return await answered(VersionsQuestion())

    @routes.get("/v1/model/importance", response_model=ImportanceAnswer)
    async def importance(
        top: Annotated[int, Query(ge=1, le=100)] = 20, points: Annotated[int, Query(ge=0, le=1000)] = 300
    ) -> Response:
        """Return the features that move scores most over the reference sample."""
        return await answered(ImportanceQuestion(top, points))

    @routes.get("/v1/model/dependence", response_model=DependenceAnswer, responses=_UNKNOWN)
    async def dependence(feature: Annotated[str, _Feature], points: Annotated[int, _Points] = 1000) -> Response:
        """Return how one feature's contribution depends on its value."""
        return await answered(DependenceQuestion(feature, points))

    @routes.get("/v1/model/sample", response_model=SampleAnswer, responses=_UNKNOWN)
    async def sample(features: Annotated[str, _Features], limit: Annotated[int, _Points] = 2000) -> Response:
        """Return anonymous applicants of the reference sample; `features` are names with commas between."""
        names = tuple(dict.fromkeys(features.split(",")))
        if len(names) > MOST_FEATURES:
            return _problem(_invalid([("query.features", f"at most {MOST_FEATURES} are told at once")]))
        return await answered(SampleQuestion(names, limit))

    body = {"application/json": {"schema": {"$ref": f"#/components/schemas/{SimilarRequest.__name__}"}}}
    documented = {"requestBody": {"required": True, "content": body}}

    @routes.post("/v1/model/similar", response_model=SimilarAnswer, responses=_UNKNOWN, openapi_extra=documented)
    async def similar(request: Request) -> Response:
        """Return the applicants of the reference sample who are nearest to one, and where that one stands."""
        asked = validated(SimilarRequest, await request.body())
        question = asked if isinstance(asked, Answer) else await _similar(service, asked)
        return _problem(question) if isinstance(question, Answer) else await answered(question)

    return routes


async def _similar(service: InsightService, asked: SimilarRequest) -> SimilarQuestion | Answer:
    by, show = tuple(dict.fromkeys(asked.by)), tuple(dict.fromkeys(asked.show))
    if asked.features is not None:
        given, wrong = _encoded(asked.features)
        return _invalid(wrong) if wrong else SimilarQuestion(by, show, asked.count, given=given)
    history: KnownHistory | None = None
    batch: ApplicationBatch | Answer
    if asked.sk_id_curr is not None:
        row, history = await service.on_file(asked.sk_id_curr)
        batch = overridden(row, {})
    else:
        assert asked.application is not None
        batch = read_applications(asked.application.model_dump_json(exclude_unset=True).encode())
    if isinstance(batch, Answer):
        return batch
    history = history or KnownHistory.nothing(1, len(CATALOG.history_names))
    return SimilarQuestion(by, show, asked.count, values=batch.values[0], history=history.vectors[0])


def _encoded(cells: dict[str, float | str | None]) -> tuple[dict[str, float], list[tuple[str, str]]]:
    """Return features as numbers, a word as its category's code, and what cannot be one."""
    given: dict[str, float] = {}
    wrong: list[tuple[str, str]] = []
    for name, cell in cells.items():
        codes = CATALOG[name].codes if name in CATALOG.index else ()
        if cell is None:
            given[name] = np.nan
        elif isinstance(cell, str) and codes:
            given[name] = float(codes.index(cell)) if cell in codes else UNKNOWN_CATEGORY
        elif isinstance(cell, str) or codes:
            wrong.append((f"features.{name}", "one of its categories is expected" if codes else "not a number"))
        else:
            given[name] = cell
    return given, wrong


def _invalid(errors: list[tuple[str, str]]) -> Answer:
    return problems.invalid(errors, "Invalid question")


def _problem(answer: Answer) -> Response:
    response = Response(answer.body, answer.status)
    response.raw_headers = [*answer.headers, (b"content-length", b"%d" % len(answer.body))]
    return response
