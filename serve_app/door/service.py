"""What the routes do: concurrent requests share micro-batches, and what is decided is audited before it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from credit.application import ApplicationBatch, FloatArray, IntArray
from credit.decision import DecisionBatch
from credit.errors import LoanstreamError
from credit.wire.audit import Door
from serve_app.counterfactual.answer import CounterfactualAnswer
from serve_app.counterfactual.finder import what_would_change
from serve_app.counterfactual.search import Proposals
from serve_app.door.audit_log import AuditLog
from serve_app.door.documents import DecidedRows
from serve_app.door.gathering import Gathering
from serve_app.door.reading import on_file_applications, unknown
from serve_app.insight.questions import InsightQuestion
from serve_app.steps.lookup import ClientsOnFile, KnownHistory


class Graph(Protocol):
    """The graph as this door sees it, wherever its steps run; raises our errors."""

    async def decide(
        self, batch: ApplicationBatch, door: Door, history: KnownHistory | None = None
    ) -> DecisionBatch: ...

    async def simulate(self, batch: ApplicationBatch, history: KnownHistory | None = None) -> DecisionBatch: ...

    async def propose(self, client_id: int, values: FloatArray, below: float | None) -> Proposals: ...

    async def on_file(self, client_ids: IntArray) -> ClientsOnFile: ...

    async def clients(self, prefix: str, limit: int) -> list[int]: ...

    async def insight(self, question: InsightQuestion) -> bytes: ...

    async def describe(self) -> dict[str, Any]: ...

    async def ready(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Applications in a micro-batch and in work at most, and micro-batches in work at a time."""

    max_batch: int
    max_pending: int
    batches_in_work: int


class HttpService:
    """Decides for the routes."""

    def __init__(self, graph: Graph, audit: AuditLog, limits: HttpLimits) -> None:
        self._graph, self._audit = graph, audit
        self._clients: Gathering[int, DecidedRows] = Gathering(
            self._decide_clients, limits.max_batch, limits.max_pending, limits.batches_in_work
        )
        self._applications: Gathering[ApplicationBatch, DecidedRows] = Gathering(
            self._decide_applications, limits.max_batch, limits.max_pending, limits.batches_in_work, len
        )

    async def decide_client(self, client_id: int) -> DecidedRows:
        """Decide the application on file of a client; raises UnknownClient where there is none."""
        return await self._clients(client_id)

    async def decide(self, batch: ApplicationBatch) -> DecidedRows:
        """Decide the applications of one request; raises Overloaded beyond the bound of those in work."""
        return await self._applications(batch)

    async def simulate(self, batch: ApplicationBatch, history: KnownHistory | None = None) -> DecisionBatch:
        """Decide applications that nobody made: nothing is audited, counted or kept."""
        return await self._graph.simulate(batch, history)

    async def counterfactual(self, application: ApplicationBatch, below: float | None) -> CounterfactualAnswer:
        """Return what would change the outcome of one application: nothing is audited, counted or kept."""
        return await what_would_change(self._graph, application, below)

    async def on_file(self, client_id: int) -> tuple[bytes, KnownHistory]:
        """Return a client's application on file (JSON) and history; raises UnknownClient where there is none."""
        found = await self._graph.on_file(np.array([client_id], dtype=np.int64))
        row = found.applications[0]
        if row is None:
            raise unknown(client_id)
        return row, found.history

    async def clients(self, prefix: str, limit: int) -> list[int]:
        """Return at most `limit` ids on file whose digits begin with `prefix`."""
        return await self._graph.clients(prefix, limit)

    async def insight(self, question: InsightQuestion) -> bytes:
        """Return the answer to a question about the model that decides, as JSON."""
        return await self._graph.insight(question)

    async def describe(self) -> dict[str, Any]:
        """Return the model that decides."""
        return await self._graph.describe()

    async def ready(self) -> bool:
        """Return whether the graph has a model."""
        return await self._graph.ready()

    async def _decide_clients(self, client_ids: list[int]) -> list[DecidedRows | LoanstreamError]:
        found = await self._graph.on_file(np.array(client_ids, dtype=np.int64))
        batch, places, errors = on_file_applications(client_ids, found.applications)
        if not places:
            return [errors[place] for place in range(len(client_ids))]
        history = found.history if len(places) == len(client_ids) else found.history.take(places)
        decisions = await self._decide_audited(batch, history)
        row_of = {place: row for row, place in enumerate(places)}
        return [
            errors[place] if place in errors else DecidedRows(decisions, row_of[place])
            for place in range(len(client_ids))
        ]

    async def _decide_applications(self, batches: list[ApplicationBatch]) -> list[DecidedRows | LoanstreamError]:
        decisions = await self._decide_audited(ApplicationBatch.concatenate(batches), None)
        ends = [0, *np.cumsum([len(batch) for batch in batches]).tolist()]
        return [DecidedRows(decisions, start, end - start) for start, end in pairwise(ends)]

    async def _decide_audited(self, batch: ApplicationBatch, history: KnownHistory | None) -> DecisionBatch:
        decisions = await self._graph.decide(batch, "http", history)
        await self._audit.append(decisions)
        return decisions
