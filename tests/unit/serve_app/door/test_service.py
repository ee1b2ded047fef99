"""What the routes do, over a graph made by hand."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from credit.application import ApplicationBatch, IntArray
from credit.decision import DecisionBatch
from credit.errors import DependencyUnavailable, UnknownClient
from serve_app.door.service import HttpLimits, HttpService
from serve_app.steps.lookup import ClientsOnFile, KnownHistory
from tests.fixtures.decisions import application_batch, decision_batch

ROW: dict[str, Any] = {
    "NAME_CONTRACT_TYPE": "Cash loans",
    "AMT_INCOME_TOTAL": 1.0,
    "AMT_CREDIT": 2.0,
    "DAYS_BIRTH": -9000,
}


class Graph:
    """Has clients below 1000 on file, whose history is their id; the row of client 13 is broken."""

    def __init__(self) -> None:
        self.lookups: list[list[int]] = []
        self.decided: list[tuple[ApplicationBatch, KnownHistory | None]] = []

    async def on_file(self, client_ids: IntArray) -> ClientsOnFile:
        self.lookups.append(client_ids.tolist())
        rows = [json.dumps(ROW | {"SK_ID_CURR": int(i)}).encode() if i < 1000 else None for i in client_ids]
        rows = [b'{"SK_ID_CURR":"x"}' if i == 13 else row for i, row in zip(client_ids, rows, strict=True)]
        vectors = client_ids.astype(np.float32)[:, None]
        return ClientsOnFile(rows, KnownHistory(vectors, np.ones(len(client_ids), dtype=np.bool_)))

    async def decide(self, batch: ApplicationBatch, door: str, history: KnownHistory | None = None) -> DecisionBatch:
        assert door == "http"
        self.decided.append((batch, history))
        await asyncio.sleep(0)
        return replace(decision_batch(len(batch)), applications=batch)

    async def simulate(self, batch: ApplicationBatch, history: KnownHistory | None = None) -> DecisionBatch:
        return decision_batch(len(batch))

    async def describe(self) -> dict[str, Any]:
        return {}

    async def ready(self) -> bool:
        return True


class Audit:
    """Keeps decisions, or is away."""

    def __init__(self) -> None:
        self.away = False
        self.kept: list[DecisionBatch] = []

    async def append(self, decisions: DecisionBatch) -> None:
        if self.away:
            raise DependencyUnavailable("away")
        self.kept.append(decisions)


def service(graph: Graph, audit: Audit | None = None) -> HttpService:
    return HttpService(graph, audit or Audit(), HttpLimits(64, 512, 1))


def test_one_lookup_answers_application_and_history() -> None:
    """Clients that come together are looked up once, and decided with the history that came with it."""

    async def play() -> Graph:
        graph = Graph()
        http = service(graph)
        decided = await asyncio.gather(*(http.decide_client(i) for i in (5, 6, 7)))
        clients = [int(d.decisions.applications.client_ids[d.first]) for d in decided]
        assert clients == [5, 6, 7]
        return graph

    graph = asyncio.run(play())
    assert graph.lookups == [[5, 6, 7]]
    ((batch, history),) = graph.decided
    assert history is not None
    assert history.vectors[:, 0].tolist() == batch.client_ids.tolist()


def test_who_is_not_on_file_or_not_readable_does_not_fail_the_others() -> None:
    """Each gets an answer of its own, and history stays with its client."""

    async def play() -> tuple[list[Any], Graph]:
        graph = Graph()
        http = service(graph)
        tasks = [http.decide_client(i) for i in (2000, 5, 13, 6)]
        return await asyncio.gather(*tasks, return_exceptions=True), graph

    (unknown, first, broken, second), graph = asyncio.run(play())
    assert isinstance(unknown, UnknownClient)
    assert isinstance(broken, UnknownClient)
    assert "loanstream materialize" in str(broken)
    assert [int(d.alone.applications.client_ids[0]) for d in (first, second)] == [5, 6]
    history = graph.decided[0][1]
    assert history is not None
    assert history.vectors[:, 0].tolist() == [5.0, 6.0]


def test_nothing_is_decided_where_nobody_is_on_file() -> None:
    """An unknown client costs a lookup."""
    graph = Graph()
    with pytest.raises(UnknownClient):
        asyncio.run(service(graph).decide_client(3000))
    assert graph.decided == []


def test_each_request_gets_its_own_rows() -> None:
    """Requests of several applications share a micro-batch and an audit record."""

    async def play() -> tuple[list[list[int]], Audit]:
        audit = Audit()
        http = service(Graph(), audit)
        batches = [application_batch(n, first_id=100 * n) for n in (1, 3, 2)]
        decided = await asyncio.gather(*(http.decide(batch) for batch in batches))
        return [d.alone.applications.client_ids.tolist() for d in decided], audit

    clients, audit = asyncio.run(play())
    assert clients == [[100], [300, 301, 302], [200, 201]]
    assert [len(kept) for kept in audit.kept] == [6]


def test_without_an_audit_record_there_is_no_answer() -> None:
    """Whatever was decided is withheld."""
    audit = Audit()
    audit.away = True
    with pytest.raises(DependencyUnavailable):
        asyncio.run(service(Graph(), audit).decide_client(5))
