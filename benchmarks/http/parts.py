"""What one answer costs by part, in this process, for a lone client and for a micro-batch of 64."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.http.floor import AUDIT_TOPIC
from credit.features import CATALOG
from credit.wire.audit import encode_audit
from serve_app.door import documents
from serve_app.door.answer import Answer
from serve_app.door.documents import DecidedRows
from serve_app.door.reading import on_file_applications
from serve_app.models.configured import champion_source
from serve_app.models.shelf import ModelShelf
from serve_app.settings import ServingSettings
from serve_app.steps.decision_path import DecisionPath
from serve_app.steps.explainer import Explainer
from serve_app.steps.in_process import InProcessSteps, finish
from serve_app.steps.lookup import Lookup
from serve_app.stores import configured_store
from streaming.kafka.acknowledged import AcknowledgedProducer

_TIMES = 200


@dataclass(frozen=True, slots=True)
class PartFigures:
    """Median microseconds of one part for a micro-batch of so many."""

    part: str
    rows: int
    microseconds: float


def parts(settings: ServingSettings, ids: list[int], writer: AcknowledgedProducer) -> list[PartFigures]:
    """Measure every part that decides, explains, audits and words an answer."""
    shelf = ModelShelf(champion_source(settings))
    shelf.refresh()
    lookup = Lookup(configured_store(settings))
    steps = InProcessSteps(lookup, shelf, Explainer(shelf))
    return [figure for rows in (1, 64) for figure in _of_batch(lookup, steps, ids[:rows], writer)]


def _of_batch(
    lookup: Lookup, steps: InProcessSteps, clients: list[int], writer: AcknowledgedProducer
) -> list[PartFigures]:
    path = DecisionPath(steps, len(CATALOG.history_names))
    array = np.array(clients, dtype=np.int64)
    found = lookup.on_file(array)
    batch, _, _ = on_file_applications(clients, found.applications)
    decisions = finish(path.decide(batch, found.history))
    s = finish(steps.score(batch.values, found.history.vectors))
    record = encode_audit(decisions, "http", [])
    one = DecidedRows(decisions, 0)
    calls: dict[str, Callable[[], object]] = {
        "look up application and history": lambda: lookup.on_file(array),
        "read the application": lambda: on_file_applications(clients, found.applications),
        "score": lambda: finish(steps.score(batch.values, found.history.vectors)),
        "explain, with reasons": lambda: finish(steps.explain(s.model.version, s.features, s.raw, s.outcome)),
        "the whole path": lambda: finish(path.decide(batch, found.history)),
        "encode the audit record": lambda: encode_audit(decisions, "http", []),
        "word one answer": lambda: Answer.of(documents.explained(one)),
    }
    figures = [PartFigures(name, len(clients), _median(call)) for name, call in calls.items()]
    acknowledged = asyncio.run(_acknowledged(writer, record))
    return [*figures, PartFigures("acknowledge the audit record", len(clients), acknowledged)]


def _median(call: Callable[[], object]) -> float:
    taken = []
    for _ in range(_TIMES):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1e6


async def _acknowledged(writer: AcknowledgedProducer, record: bytes) -> float:
    taken = []
    for _ in range(_TIMES):
        begun = time.perf_counter()
        await writer.append(AUDIT_TOPIC, record)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1e6


def show_parts(figures: list[PartFigures]) -> None:
    """Print the parts, one a line."""
    if not figures:
        return
    print(f"\n{'microseconds, median':34}{'1 client':>10}{'64':>10}")
    for name in dict.fromkeys(figure.part for figure in figures):
        row = {figure.rows: figure.microseconds for figure in figures if figure.part == name}
        print(f"{name:34}{row[1]:10.0f}{row[64]:10.0f}")
