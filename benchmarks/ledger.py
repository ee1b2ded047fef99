"""What the ledger takes a second, what a decision costs on disk, and how quickly it is found: `make bench-ledger`.

Audit records of real decisions (a model on synthetic applications) are written to a broker of its own with ids of their
own. A sink as it runs in production stores them from the first to the last, into SQLite and into PostgreSQL.
Afterwards every filter is asked many times.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Engine, func, select, text

from benchmarks.decided import applications, make_model, make_topics
from benchmarks.ending import all_ended
from benchmarks.ledger_fill import BATCH, MONTH_MS, decided, renamed
from benchmarks.ledger_processes import sink_process, stored
from benchmarks.own_postgres import OwnPostgres
from credit.wire.audit import SourceRange, encode_audit
from credit.wire.decision import encode_decisions
from ledger.query.search import DecisionFilter, page
from ledger.store import tables
from ledger.store.engine import connect, reading
from ledger.store.migrate import upgrade
from streaming.broker.embedded import EmbeddedBroker
from streaming.broker.ports import free_port
from streaming.settings import StreamingSettings

_DATABASES = ("SQLite", "PostgreSQL")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger", description=__doc__)
    parser.add_argument("--decisions", type=int, default=100_000)
    parser.add_argument("--trees", type=int, default=300)
    parser.add_argument("--model", type=Path, help="folder of a registered model; trained on synthetic tables without")
    parser.add_argument("--table", type=Path, help="with --model: the applications that it decides")
    parser.add_argument("--into", nargs="+", choices=_DATABASES, default=_DATABASES, help="databases to measure")
    parser.add_argument("--asked", type=int, default=200, help="how often each filter is asked")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    with all_ended() as ending:
        home = Path(tempfile.mkdtemp(prefix="bench-ledger-"))
        ending.callback(shutil.rmtree, home, ignore_errors=True)
        print("preparing a model, decisions and topics ...", flush=True)
        table, folder = (options.table, options.model) if options.model else make_model(home, options.trees)
        broker = EmbeddedBroker(home / "kafka", free_port())
        ending.callback(broker.stop)
        broker.start()
        settings = make_topics(broker.bootstrap)
        features = _write(settings, table, folder, options.decisions)
        print(f"{options.decisions:,} decisions with {features} features and contributions each", flush=True)
        for name in options.into:
            if name == "PostgreSQL":
                postgres = OwnPostgres()
                ending.callback(postgres.remove)
                url = postgres.database("ledger").replace("postgresql://", "postgresql+psycopg://")
            else:
                url = f"sqlite:///{home}/sqlite/ledger.db"
            figures[name] = _measure(name, settings, url, home / name.lower(), options)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def _write(settings: StreamingSettings, table: Path, folder: Path, count: int) -> int:
    """Fill the audit and decisions topics with `count` decisions over a month; returns how many features each has."""
    from kafka import KafkaProducer

    from benchmarks.stream import TimedGraph
    from credit.wire.application import encode_application

    messages = [encode_application(message) for message in applications(table, BATCH * 4)]
    batches = decided(TimedGraph(folder), messages)
    producer = KafkaProducer(
        bootstrap_servers=settings.bootstrap_servers, linger_ms=20, batch_size=2**20, max_request_size=8 * 1024 * 1024
    )
    begin = time.time_ns() // 1_000_000 - MONTH_MS
    for number, batch in enumerate(renamed(batches, count, begin)):
        sources = [SourceRange(settings.applications_topic, number % 4, number * BATCH, (number + 1) * BATCH - 1)]
        producer.send(settings.audit_topic, encode_audit(batch, "kafka", sources), partition=number % 4)
        for application_id, value in zip(batch.applications.application_ids, encode_decisions(batch), strict=True):
            producer.send(settings.decisions_topic, value, key=application_id.encode())
    producer.close()
    return len(batches[0].model.features)


def _measure(
    name: str, settings: StreamingSettings, url: str, home: Path, options: argparse.Namespace
) -> dict[str, Any]:
    engine = connect(url)
    upgrade(engine)
    child = sink_process(settings, url, home)
    try:
        _until(lambda: stored(engine) > 0, child)
        first, begun = stored(engine), time.perf_counter()
        _until(lambda: stored(engine) >= options.decisions, child)
        seconds = time.perf_counter() - begun
        used = psutil.Process(child.pid).cpu_times()
        cpu = used.user + used.system
    finally:
        child.terminate()
        child.wait(60)
    rate = (options.decisions - first) / seconds
    size = _bytes(engine) / options.decisions
    print(
        f"{name}: {rate:,.0f} decisions a second, {size:,.0f} bytes a decision on disk, {cpu:.1f} s of CPU in the sink"
    )
    asked = _ask_all(engine, options.asked)
    for filter_name, (p50, p99) in asked.items():
        print(f"  {filter_name:34s} p50 {p50:6.2f} ms   p99 {p99:6.2f} ms")
    return {"rate": rate, "bytes": size, "cpu_s": cpu, "filters_ms": asked}


def _ask_all(engine: Engine, times: int) -> dict[str, tuple[float, float]]:
    with reading(engine) as connection:
        client = connection.execute(select(tables.decisions.c.client).limit(1)).scalar_one()
        newest = int(connection.execute(select(func.max(tables.decisions.c.decided_ms))).scalar_one())
        code = connection.execute(select(tables.decisions.c.reasons).limit(1)).scalar_one().split()[0]
    wanted = {
        "newest": DecisionFilter(),
        "client": DecisionFilter(client=client),
        "outcome refer": DecisionFilter(outcome=1),
        "a day": DecisionFilter(from_ms=newest - 10 * 86_400_000, to_ms=newest - 9 * 86_400_000),
        "score range": DecisionFilter(points_from=500, points_to=520),
        "model version, door": DecisionFilter(model_version="1", door=0),
        "mode": DecisionFilter(mode=1),
        "reason": DecisionFilter(reason=code),
        "reviewed (none is)": DecisionFilter(reviewed=True),
        "reason and score that nobody has": DecisionFilter(reason="R00", points_from=10_000),
    }
    return {name: _quantiles(engine, one, times) for name, one in wanted.items()}


def _quantiles(engine: Engine, wanted: DecisionFilter, times: int) -> tuple[float, float]:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        with reading(engine) as connection:
            page(connection, wanted, None, 50)
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken), sorted(taken)[int(0.99 * len(taken))]


def _bytes(engine: Engine) -> int:
    with reading(engine) as connection:
        if engine.dialect.name == "postgresql":
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    with engine.connect() as outside:
        outside.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert engine.url.database is not None
    return Path(engine.url.database).stat().st_size


def _until(holds: Callable[[], bool], child: subprocess.Popen[bytes], timeout_s: float = 1800.0) -> None:
    until = time.monotonic() + timeout_s
    while not holds():
        if child.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"the sink did not get there (exit code {child.returncode}); see its log")
        time.sleep(0.05)


if __name__ == "__main__":
    main()
