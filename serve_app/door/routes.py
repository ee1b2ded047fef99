"""The routes that carry the load: from a request's body to its answer, with no framework between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from serve_app.door import documents
from serve_app.door.answer import Answer
from serve_app.door.reading import (
    overridden,
    read_applications,
    read_client,
    read_simulated_client,
    simulated,
)
from serve_app.door.service import HttpService
from serve_app.steps.lookup import KnownHistory

Route = Callable[[bytes], Awaitable[Answer]]


class BareRoutes:
    """`/predict`, `/explain`, `/v1/decisions` and `/v1/simulations` over a service; raise our errors."""

    def __init__(self, service: HttpService) -> None:
        self._service = service

    def table(self) -> Mapping[tuple[str, str], Route]:
        """Return the routes by method and path."""
        return {
            ("POST", "/predict"): self.predict,
            ("POST", "/explain"): self.explain,
            ("POST", "/v1/decisions"): self.decide,
            ("POST", "/v1/simulations"): self.simulate,
        }

    async def predict(self, body: bytes) -> Answer:
        client = read_client(body)
        if isinstance(client, Answer):
            return client
        return Answer.of(documents.prediction(await self._service.decide_client(client)))

    async def explain(self, body: bytes) -> Answer:
        client = read_client(body)
        if isinstance(client, Answer):
            return client
        return Answer.of(documents.explained(await self._service.decide_client(client)))

    async def decide(self, body: bytes) -> Answer:
        batch = read_applications(body)
        if isinstance(batch, Answer):
            return batch
        return Answer.of(documents.decided_documents(await self._service.decide(batch)))

    async def simulate(self, body: bytes) -> Answer:
        client = read_simulated_client(body)
        if isinstance(client, Answer):
            return client
        history: KnownHistory | None = None
        if client is None:
            batch = read_applications(body)
        else:
            row, history = await self._service.on_file(client.sk_id_curr)
            batch = overridden(row, client.overrides)
        if isinstance(batch, Answer):
            return batch
        return Answer.of(documents.simulated_documents(await self._service.simulate(simulated(batch), history)))
