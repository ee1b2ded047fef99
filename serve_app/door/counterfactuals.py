"""The route that says what would change an outcome: for an application that is sent, or for one on file."""

from __future__ import annotations

from typing import Annotated, Protocol, Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from credit.application import ApplicationBatch
from credit.wire.application import ApplicationMessage, ClientId
from serve_app.counterfactual.answer import CounterfactualAnswer
from serve_app.door.answer import Answer
from serve_app.door.reading import overridden, read_applications, validated
from serve_app.steps.lookup import KnownHistory


class CounterfactualRequest(BaseModel):
    """Names an application, whole or by the client who has one on file."""

    model_config = ConfigDict(extra="forbid")

    application: ApplicationMessage | None = None
    sk_id_curr: ClientId | None = None
    below: Annotated[
        float | None,
        Field(gt=0, le=1, description="Probability of default to stay under, for a margin; the policy's holds anyway."),
    ] = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.application is None) == (self.sk_id_curr is None):
            raise ValueError("give either application or sk_id_curr")
        return self


class CounterfactualService(Protocol):
    """What the route needs of the replica behind it; raises our errors."""

    async def on_file(self, client_id: int) -> tuple[bytes, KnownHistory]:
        """Return a client's application on file (JSON) and history; raises UnknownClient where there is none."""

    async def counterfactual(self, application: ApplicationBatch, below: float | None) -> CounterfactualAnswer:
        """Return what would change the outcome of one application."""


class CounterfactualRoute:
    """`POST /v1/counterfactuals`: from a request's body to its answer; raises our errors."""

    def __init__(self, service: CounterfactualService) -> None:
        self._service = service

    async def __call__(self, body: bytes) -> Answer:
        request = validated(CounterfactualRequest, body)
        if isinstance(request, Answer):
            return request
        if request.application is None:
            assert request.sk_id_curr is not None
            row, _ = await self._service.on_file(request.sk_id_curr)
            batch = overridden(row, {})
        else:
            batch = read_applications(request.application.model_dump_json(exclude_unset=True).encode())
        if isinstance(batch, Answer):
            return batch
        answer = await self._service.counterfactual(batch, request.below)
        return Answer.of(answer.model_dump(mode="json"))


def counterfactual_routes(route: CounterfactualRoute) -> APIRouter:
    """Return the documented route."""
    routes = APIRouter(tags=["decisions"])
    body = {"application/json": {"schema": {"$ref": f"#/components/schemas/{CounterfactualRequest.__name__}"}}}
    documented = {"requestBody": {"required": True, "content": body}}

    @routes.post("/v1/counterfactuals", response_model=CounterfactualAnswer, openapi_extra=documented)
    async def counterfactual(request: Request) -> Response:
        """Say which smallest changes an applicant can make for an approval; each is decided again, nothing is kept."""
        answer = await route(await request.body())
        response = Response(answer.body, answer.status)
        response.raw_headers = [*answer.headers, (b"content-length", b"%d" % len(answer.body))]
        return response

    return routes
