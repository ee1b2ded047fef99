"""Streams applications while the ledger's sink is killed at random, and compares its rows with the topics.

    python -m tests.faults.ledger_check --data DIR --kills 20

DIR holds Home Credit's tables; without it the applications are synthetic. Once into SQLite while they are being
decided, once more into PostgreSQL from the topics' beginning. The last line is `decisions=N ledger=N missing=0
doubled=0`, over both databases; the exit code is 1 unless the last two are 0 and every stored feature and contribution
looked at is that of the audit record to the bit.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, func, select

from benchmarks.decided import Deciding, applications, make_model, make_topics, send
from benchmarks.ending import all_ended
from benchmarks.ledger_processes import sink_process, stored
from benchmarks.own_postgres import OwnPostgres
from credit.wire.audit import AuditRecord, decode_audit
from ledger.query.receipt import read_receipt
from ledger.settings import LedgerSettings
from ledger.store import tables
from ledger.store.engine import connect, reading
from ledger.store.migrate import upgrade
from ledger.store.write import match_answers
from ledger.wiring import vault_of
from streaming.broker.embedded import EmbeddedBroker
from streaming.broker.ports import free_port
from streaming.kafka.reading import read_topics
from streaming.settings import StreamingSettings

_LOOKED_AT = 500
_PATIENCE_S = 900.0


@dataclass(frozen=True)
class Compared:
    """One database beside the topics; different: decisions looked at whose stored bits are not those of the topic."""

    ledger: int
    missing: int
    doubled: int
    different: int


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.ledger_check", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with Home Credit's tables")
    parser.add_argument("--applications", type=int, default=0, help="0 for each row of the table once")
    parser.add_argument("--kills", type=int, default=20, help="of the sink, for each database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trees", type=int, default=100)
    options = parser.parse_args(arguments)
    begun = time.monotonic()

    def say(text: str) -> None:
        sys.stdout.write(f"{time.monotonic() - begun:7.1f} s  {text}\n")
        sys.stdout.flush()

    with all_ended() as ending:
        home = Path(tempfile.mkdtemp(prefix="ledger-check-"))
        ending.callback(shutil.rmtree, home, ignore_errors=True)
        say("training a small model")
        table, model = make_model(home, options.trees)
        if options.data:
            table = next(path for path in sorted(options.data.iterdir()) if path.stem == "application_test")
        broker = EmbeddedBroker(home / "kafka", free_port())
        ending.callback(broker.stop)
        broker.start()
        postgres = OwnPostgres()
        ending.callback(postgres.remove)
        settings = make_topics(broker.bootstrap)
        count = send(settings, applications(table, options.applications))
        say(f"{count:,} applications sent")
        rng = random.Random(options.seed)
        with Deciding(settings, model) as deciding:
            sqlite = f"sqlite:///{home}/sqlite/ledger.db"
            engine = _fill(settings, sqlite, home / "sqlite", count, options.kills, rng, say)
            deciding.wait(count)
        expected = list(read_topics(broker.bootstrap, [settings.decisions_topic]))
        audits = [decode_audit(r.value or b"") for r in read_topics(broker.bootstrap, [settings.audit_topic])]
        found = {"SQLite": _compare(engine, home / "sqlite", audits, len(expected), rng)}
        say(f"SQLite: {found['SQLite']}")
        url = postgres.database("ledger").replace("postgresql://", "postgresql+psycopg://")
        engine = _fill(settings, url, home / "postgres", count, options.kills, rng, say)
        found["PostgreSQL"] = _compare(engine, home / "postgres", audits, len(expected), rng)
        say(f"PostgreSQL: {found['PostgreSQL']}")
    missing, doubled = sum(f.missing for f in found.values()), sum(f.doubled for f in found.values())
    different = sum(f.different for f in found.values())
    if different:
        say(f"{different} decisions differ from their audit record")
    ledger = min(f.ledger for f in found.values())
    sys.stdout.write(f"decisions={len(expected)} ledger={ledger} missing={missing} doubled={doubled}\n")
    return 1 if missing or doubled or different or ledger != len(expected) else 0


def _fill(
    settings: StreamingSettings,
    url: str,
    home: Path,
    count: int,
    kills: int,
    rng: random.Random,
    say: Callable[[str], None],
) -> Engine:
    """Let a sink fill a database, killing it at random moments, and return once it has all."""
    engine = connect(url)
    upgrade(engine)
    for number, at in enumerate(sorted(rng.sample(range(count // 50, count * 95 // 100), kills)), 1):
        child = sink_process(settings, url, home)
        try:
            _until(lambda wanted=at: stored(engine) >= wanted, child)
            time.sleep(rng.random() * 0.3)  # not at the end of a transaction, where looking has just noticed it
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait()
        say(f"killed {number} of {kills} at {stored(engine):,} of {count:,} decisions")
    child = sink_process(settings, url, home)
    try:
        _until(lambda: stored(engine) >= count and _answers(engine) >= count, child)
    finally:
        child.terminate()
        child.wait(60)
    return engine


def _until(holds: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not holds():
        if child.poll() is not None:
            raise RuntimeError(f"the sink ended by itself with {child.returncode}")
        if time.monotonic() > until:
            raise TimeoutError("the sink did not get there")
        time.sleep(0.02)


def _answers(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(tables.answers)) or 0)


def _compare(engine: Engine, home: Path, audits: list[AuditRecord], decided: int, rng: random.Random) -> Compared:
    on_topic = [decision_id for audit in audits for decision_id in audit.decision_ids]
    assert len(on_topic) == decided, "loan-audit and loan-decisions do not agree"
    with reading(engine) as connection:
        rows = Counter(connection.scalars(select(tables.decisions.c.decision_id)))
        blobs = len(connection.execute(select(tables.payloads.c.seq)).all())
    missing = len(set(on_topic) - rows.keys()) + abs(blobs - rows.total()) + match_answers(engine)
    doubled = rows.total() - len(rows) + len(rows.keys() - set(on_topic))
    vault = vault_of(LedgerSettings(home=home))
    different = 0
    with reading(engine) as connection:
        for _ in range(_LOOKED_AT):
            audit = rng.choice([a for a in audits if len(a)])
            row = rng.randrange(len(audit))
            personal = read_receipt(connection, vault, audit.decision_ids[row]).personal
            assert personal is not None
            same = personal.features.tobytes() == np.ascontiguousarray(audit.features[row]).tobytes()
            same &= personal.contributions.tobytes() == np.ascontiguousarray(audit.contributions[row]).tobytes()
            different += not same
    return Compared(rows.total(), missing, doubled, different)


if __name__ == "__main__":
    sys.exit(main())
