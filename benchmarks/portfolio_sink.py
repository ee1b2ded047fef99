"""What facts cost the sink: the same audit records stored with and without them, in turns, into both databases."""

from __future__ import annotations

import statistics
import time
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.decided import applications, make_model
from benchmarks.own_postgres import OwnPostgres
from credit.decision import DecisionBatch
from credit.features import CATALOG
from credit.wire.audit import SourceRange, encode_audit
from feature_store.store import open_store, open_writer
from ledger.portfolio.making import FactsBeside
from ledger.portfolio.on_file import OnFile
from ledger.portfolio.outcomes import OutcomesBeside
from ledger.review.intake import ReviewIntake
from ledger.settings import LedgerSettings
from ledger.sink.decode import read_audit
from ledger.store.engine import connect, now_ms
from ledger.store.migrate import upgrade
from ledger.store.rows import RecordPosition
from ledger.store.write import Beside, LedgerWriter, Moves, SinkWork
from ledger.transparency.notary import Notary
from ledger.wiring import vault_of

_BATCH: Final = 500
_TURNS: Final = 6
_RECORDS: Final = 4  # of a transaction: 2,000 decisions


def sink_rates(home: Path, postgres: OwnPostgres, decisions: int) -> dict[str, dict[str, float]]:
    """Return decisions a second with and without facts, by database: decoding, sealing and storing, on one core."""
    from training.store.materialize import materialize

    print("preparing a model, decisions and a feature store ...", flush=True)
    table, folder = make_model(home, 300)
    materialize(table.parent, open_writer(home / "features", None))
    batches = _decided(table, folder)
    print(f"the model reads {len(batches[0].model.features)} features")
    urls = {
        "SQLite": f"sqlite:///{home}/sink/ledger.db",
        "PostgreSQL": postgres.database("portfolio").replace("postgresql://", "postgresql+psycopg://"),
    }
    return {name: _measure(name, url, home, batches, decisions) for name, url in urls.items()}


def _decided(table: Path, folder: Path) -> list[DecisionBatch]:
    from benchmarks.stream import TimedGraph
    from credit.wire.application import encode_application, parse_applications

    messages = [encode_application(message) for message in applications(table, _BATCH * 4)]
    graph, arrived = TimedGraph(folder), [now_ms()] * _BATCH
    read = [parse_applications(messages[at : at + _BATCH], arrived).batch for at in range(0, len(messages), _BATCH)]
    assert all(len(batch) == _BATCH for batch in read), "every application is one that can be decided"
    return [graph.decide(batch) for batch in read]


def _measure(name: str, url: str, home: Path, batches: list[DecisionBatch], decisions: int) -> dict[str, float]:
    engine = connect(url, durable=False)
    upgrade(engine)
    vault = vault_of(LedgerSettings(home=home / f"keys-{name}"))
    width = len(CATALOG.history_names)
    on_file = OnFile(lambda: open_store(home / "features", None, CATALOG.history_hash, width))
    usual: list[Beside] = [Notary(vault), ReviewIntake(0.0, 3.0)]
    outcomes = OutcomesBeside(vault)
    writers = {
        "without": LedgerWriter(engine, vault, usual),
        "with": LedgerWriter(engine, vault, [*usual, FactsBeside(on_file), outcomes], [outcomes]),
    }
    taken: dict[str, list[float]] = {kind: [] for kind in writers}
    offset = 0
    for turn in range(_TURNS + 1):
        for kind, writer in writers.items():
            payloads, stored = _payloads(batches, offset, decisions // _BATCH), 0
            begun = time.perf_counter()
            for at in range(0, len(payloads), _RECORDS):
                stored += writer.store(_work(payloads[at : at + _RECORDS], offset + at)).decisions
            assert stored == len(payloads) * _BATCH, "each decision is a new one"
            if turn:  # the first of each warms up
                taken[kind].append((time.perf_counter() - begun) / (len(payloads) * _BATCH))
            offset += len(payloads)
    rates = {kind: 1 / statistics.median(seconds) for kind, seconds in taken.items()}
    cost = 1e6 * (1 / rates["with"] - 1 / rates["without"])
    print(
        f"{name}: {rates['without']:,.0f} decisions a second without facts, {rates['with']:,.0f} with them "
        f"({cost:.1f} us a decision, median of {_TURNS} turns each)"
    )
    engine.dispose()
    return rates


def _payloads(batches: list[DecisionBatch], offset: int, count: int) -> list[bytes]:
    made = []
    for number in range(offset, offset + count):
        batch = batches[number % len(batches)]
        names = [f"{number}-{name}" for name in batch.applications.application_ids]
        renamed: Any = replace(
            batch,
            applications=replace(batch.applications, application_ids=names),
            decision_ids=[str(uuid.uuid5(uuid.NAMESPACE_OID, name)) for name in names],
            decided_ms=batch.decided_ms + np.int64(number),
        )
        made.append(encode_audit(renamed, "kafka", [SourceRange("a", 0, number * _BATCH, (number + 1) * _BATCH - 1)]))
    return made


def _work(payloads: list[bytes], offset: int) -> SinkWork:
    audits = [read_audit(RecordPosition("audit", 0, offset + place), payload) for place, payload in enumerate(payloads)]
    return SinkWork(audits=audits, moves=[Moves("audit", 0, offset, offset + len(payloads))])
