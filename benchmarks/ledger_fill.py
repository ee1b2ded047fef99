"""Fills the ledger of a home with decisions of its champion: `python -m benchmarks.ledger_fill --home DIR`.

By the sink's own writer, with leaves of the log and reviews, but without the topics in between: what is there then
is what a sink would have stored of so many decisions over the last four weeks, three to a client.
"""

from __future__ import annotations

import argparse
import itertools
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np

from benchmarks.ledger_processes import stored
from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.wire.application import encode_application, parse_applications
from credit.wire.audit import SourceRange, encode_audit
from ledger.review.intake import ReviewIntake
from ledger.settings import LedgerSettings
from ledger.sink.decode import read_audit
from ledger.store.migrate import upgrade
from ledger.store.rows import RecordPosition
from ledger.store.write import LedgerWriter, SinkWork
from ledger.transparency.notary import Notary
from ledger.wiring import engine_of, vault_of
from loanstream.stack.home import DEFAULT_HOME, Home
from streaming.feed import envelope, read_rows

BATCH = 500
MONTH_MS = 28 * 86_400_000
_A_TRANSACTION = 4
_CLIENTS = 300_000


class DecidesBatches(Protocol):
    """The decision path in this process."""

    def decide(self, batch: ApplicationBatch) -> DecisionBatch: ...


def renamed(
    batches: Sequence[DecisionBatch], count: int, begin_ms: int, clients: int | None = None
) -> Iterator[DecisionBatch]:
    """Yield `count` decisions over the month from `begin_ms` on, the batches again and again with ids of their own.

    clients: how many there are at most; as many as decisions if not given.
    """
    for number in range(count // BATCH):
        batch = batches[number % len(batches)]
        names = [f"{number}-{name}" for name in batch.applications.application_ids]
        first = number * BATCH
        ids = 1 + (first + np.arange(len(batch), dtype=np.int64)) % (clients or count)
        apps = replace(batch.applications, application_ids=names, client_ids=ids)
        decided = begin_ms + first * MONTH_MS // count + np.arange(len(batch), dtype=np.int64)
        decision_ids = [str(uuid.uuid5(uuid.NAMESPACE_OID, name)) for name in names]
        yield replace(batch, applications=apps, decision_ids=decision_ids, decided_ms=decided)


def champions_decisions(home: Home, count: int) -> list[DecisionBatch]:
    """Return `count` decisions of the home's champion on its tables' applications, by micro-batches."""
    from loanstream.intake.tables import table_to_stream
    from loanstream.local_graph import local_graph
    from loanstream.stack.prepared import tables_of
    from loanstream.stack.surroundings import Place

    graph = local_graph(Place.of(home), "champion")
    rows = itertools.islice(read_rows(table_to_stream(tables_of(home))), count)
    return decided(graph, [encode_application(envelope(row)) for row in rows])


def decided(graph: DecidesBatches, messages: Sequence[bytes]) -> list[DecisionBatch]:
    """Return the decisions on application messages that have just come, by whole micro-batches."""
    now = time.time_ns() // 1_000_000
    batches = []
    for at in range(0, len(messages) - BATCH + 1, BATCH):
        parsed = parse_applications(messages[at : at + BATCH], [now] * BATCH)
        if parsed.rejected:
            raise ValueError(f"an application of the benchmark is refused: {parsed.rejected[0]}")
        batches.append(graph.decide(parsed.batch))
    return batches


def fill(settings: LedgerSettings, batches: Sequence[DecisionBatch], count: int) -> None:
    """Store renamed decisions until the ledger of these settings holds `count`."""
    engine, vault = engine_of(settings, durable=False), vault_of(settings)
    upgrade(engine)
    writer = LedgerWriter(engine, vault, [Notary(vault), ReviewIntake(settings.review_sample, settings.review_days)])
    there = stored(engine)
    begin_ms = time.time_ns() // 1_000_000 - MONTH_MS
    audits = (
        read_audit(
            RecordPosition("filled", 0, number),
            encode_audit(batch, "kafka", [SourceRange("filled", 0, number * BATCH, (number + 1) * BATCH - 1)]),
        )
        for number, batch in enumerate(renamed(batches, count, begin_ms, _CLIENTS))
        if (number + 1) * BATCH > there
    )
    while some := list(itertools.islice(audits, _A_TRANSACTION)):
        writer.store(SinkWork(audits=some))
    engine.dispose()


def main() -> None:
    """Fill the ledger of a home, or the database of DATABASE_URL with the home's keys."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger_fill", description=__doc__)
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME)
    parser.add_argument("--decisions", type=int, default=1_000_000)
    options = parser.parse_args()
    home = Home.at(options.home)
    begun = time.monotonic()
    fill(LedgerSettings(home=home.ledger), champions_decisions(home, 10_000), options.decisions)
    print(f"{options.decisions:,} decisions stored, in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
