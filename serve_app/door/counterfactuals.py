"""The route that says what would change an outcome: for an application that is sent, or for one on file."""

from __future__ import annotations

import time
from typing import Annotated, Any, Protocol, Self

import numpy as np
import orjson
from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from credit.application import ApplicationBatch
from credit.errors import UnknownClient
from credit.wire.application import ApplicationMessage, ClientId, encode_application, parse_applications
from serve_app.counterfactual.answer import CounterfactualAnswer
from serve_app.door import problems
from serve_app.door.bodies import Problem


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

    async def application_of(self, client_id: int) -> bytes | None:
        """Return a client's application on file as a JSON object of its columns."""

    async def counterfactual(self, application: ApplicationBatch, below: float | None) -> CounterfactualAnswer:
        """Return what would change the outcome of one application."""


def counterfactual_routes(service: CounterfactualService) -> APIRouter:
    """Return `POST /v1/counterfactuals`."""
    routes = APIRouter(tags=["decisions"])
    responses: dict[int | str, dict[str, Any]] = {404: {"model": Problem}, 422: {"model": Problem}}

    @routes.post("/v1/counterfactuals", response_model=CounterfactualAnswer, responses=responses)
    async def counterfactual(body: CounterfactualRequest) -> Response:
        """Say which smallest changes an applicant can make for an approval; each is decided again, nothing is kept."""
        if body.application is not None:
            message = encode_application(body.application.model_dump(mode="json", exclude_unset=True))
        else:
            assert body.sk_id_curr is not None
            row = await service.application_of(body.sk_id_curr)
            if row is None:
                raise UnknownClient(f"no application of client {body.sk_id_curr} is on file; send it as application")
            message = b'{"application":' + row + b"}"
        parsed = parse_applications([message], np.array([round(time.time() * 1000)], dtype=np.int64))
        if parsed.rejected:
            return problems.invalid([(f"application.{path}", what) for path, what in parsed.rejected[0].problems])
        answer = await service.counterfactual(parsed.batch, body.below)
        return Response(orjson.dumps(answer.model_dump(mode="json")), media_type="application/json")

    return routes
