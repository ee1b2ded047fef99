"""How long each view of the portfolio takes, and what its facts cost the sink: `make bench-portfolio`.

Views: a million decisions with outcomes for a third of them, and 300,000 clients on file, all made at the time from
seeded distributions, asked over the ledger's HTTP application with filters that change. Sink: audit records of real
decisions (a model on synthetic applications, their clients in a feature store) stored with facts and without, in turns.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine

from benchmarks.own_postgres import OwnPostgres
from benchmarks.portfolio_sink import sink_rates
from credit.policy import Policy
from credit.themes import NOT_EMPLOYED, THEMES
from ledger.store.bulk import insert_all
from ledger.store.engine import connect, now_ms, writing
from ledger.store.facts import FACT, Facts, pack_facts
from ledger.store.migrate import upgrade
from ledger.store.tables import decisions, fact_outcomes, facts, policies

_POLICY: Final = Policy(threshold=0.09, refer_from=0.08, decline_from=0.11)
_ROW: Final = 2_000
_VIEWS: Final = (
    "/v1/portfolio/overview",
    *(f"/v1/portfolio/themes/{name}" for name in THEMES if name != "contract"),
    "/v1/portfolio/thresholds",
)
_OPERATIONS: Final = ("/v1/operations/series", "/v1/operations/scores", "/v1/operations/health")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.portfolio", description=__doc__)
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=300_000)
    parser.add_argument("--asked", type=int, default=30, help="how often each view is asked")
    parser.add_argument("--stored", type=int, default=20_000, help="decisions that each turn of the sink stores")
    parser.add_argument("--skip-sink", action="store_true", help="measure the views alone")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="bench-portfolio-"))
    figures: dict[str, Any] = {}
    try:
        figures["views_ms"] = _views(home, options)
        if not options.skip_sink:
            postgres = OwnPostgres()
            try:
                figures["sink"] = sink_rates(home, postgres, options.stored)
            finally:
                postgres.remove()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def _views(home: Path, options: argparse.Namespace) -> dict[str, tuple[float, float]]:
    from ledger.portfolio.following import Follower

    engine = connect(f"sqlite:///{home}/ledger.db", durable=False)
    upgrade(engine)
    _fill(engine, options.decisions)
    follower = Follower(engine, home / "portfolio")
    begun = time.perf_counter()
    while follower.step():
        pass
    seconds = time.perf_counter() - begun
    size = sum(path.stat().st_size for path in (home / "portfolio").rglob("*.parquet"))
    print(
        f"{options.decisions:,} decisions followed into segments at {options.decisions / seconds:,.0f} a second, "
        f"{size / options.decisions:.1f} bytes each in {len(follower.facts.segments)} files"
    )
    _book(home / "book.parquet", options.clients)
    with _asked(engine, follower, home) as ask:
        asked = {path: _quantiles(ask, path, options.asked, source) for source, path in _paths()}
    for path, (p50, p99) in asked.items():
        print(f"  {path:44s} p50 {p50:7.1f} ms   p99 {p99:7.1f} ms")
    follower.close()
    engine.dispose()
    return asked


def _paths() -> Iterator[tuple[str | None, str]]:
    for source in ("decisions", "book"):
        for path in _VIEWS:
            yield source, f"{path}?source={source}"
    for path in _OPERATIONS:
        yield None, path


def _quantiles(ask: Any, path: str, times: int, source: str | None) -> tuple[float, float]:
    chosen = random.Random(path)
    taken = []
    for _ in range(times):
        filters = "" if source is None else _filters(chosen, source)
        begun = time.perf_counter()
        ask(path + filters)
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken), sorted(taken)[int(0.99 * len(taken))]


def _filters(chosen: random.Random, source: str) -> str:
    """Return none, one or several filters, so that no answer can be kept from the time before."""
    parts = []
    if chosen.random() < 0.5:
        parts.append(f"amount_from={chosen.choice((50_000, 100_000, 300_000))}")
    if chosen.random() < 0.3:
        parts.append(f"income_to={chosen.choice((200_000, 500_000))}")
    if chosen.random() < 0.3:
        parts.append(f"family={chosen.choice(THEMES['family'].words[:4])}".replace(" ", "%20"))
    if source == "decisions" and chosen.random() < 0.3:
        parts.append(f"from={now_ms() - chosen.randrange(5, 40) * 86_400_000}")
    return "".join(f"&{part}" for part in parts)


@contextlib.contextmanager
def _asked(engine: Engine, follower: Any, home: Path) -> Iterator[Any]:
    """Give a function that asks the ledger's application for a path, and raises where it does not answer 200."""
    from fastapi.testclient import TestClient
    from prometheus_client import CollectorRegistry

    from ledger.door.access_log import AccessLog
    from ledger.door.app import create_app
    from ledger.door.asking import LedgerParts
    from ledger.door.operations import operation_routes
    from ledger.door.portfolio import portfolio_routes
    from ledger.portfolio.book import Book
    from ledger.portfolio.counting import PortfolioCounts
    from ledger.portfolio.monitor import MonitorStatus
    from ledger.review.actor import Actor
    from ledger.review.queue import ReviewQueue, ReviewRules
    from ledger.settings import LedgerSettings
    from ledger.wiring import vault_of

    async def everybody(_: object) -> Actor:
        return Actor("bench", frozenset({"portfolio"}))

    vault = vault_of(LedgerSettings(home=home))
    queue = ReviewQueue(engine, vault, ReviewRules(1e6, 3.0, 1_000_000))
    counts = PortfolioCounts(follower, Book(home / "book.parquet"), home / "portfolio")
    parts = LedgerParts(engine, vault, queue, AccessLog.beside(engine), everybody)
    app = create_app(
        parts, CollectorRegistry(), [portfolio_routes(counts), operation_routes(counts, MonitorStatus(None))]
    )

    with TestClient(app) as client:

        def ask(path: str) -> None:
            answer = client.get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.text[:300]}")

        ask("/v1/portfolio/overview")
        yield ask
    counts.close()


def _fill(engine: Engine, count: int) -> None:
    """Store facts of `count` decisions over the last month, with outcomes for a third; the last hour is a busy one."""
    rng = np.random.default_rng(7)
    now = now_ms()
    hour = min(count // 3, 300_000)
    times = np.sort(
        np.concatenate(
            [now - rng.integers(3_600_000, 30 * 86_400_000, count - hour), now - rng.integers(0, 3_600_000, hour)]
        )
    )
    made = _made(rng, count)
    made["decided_ms"] = times
    defaulted = (rng.random(count) < made["probability"]).astype(np.int8)
    known = np.flatnonzero(rng.random(count) < 1 / 3)
    with writing(engine) as connection:
        insert_all(connection, policies, [(1, _POLICY.digest, _POLICY.model_dump_json())])
        newest = (now, 0, "00000000-0000-5000-8000-000000000000", bytes(16), now, 0, 0, 0, True)
        insert_all(connection, decisions, [(*newest, 0.0, 0.05, 600, 1, 1, 1, 0, "R01")])
        insert_all(
            connection,
            facts,
            [
                (int(times[at : at + _ROW].max()), at, len(made[at : at + _ROW]), pack_facts(made[at : at + _ROW]))
                for at in range(0, count, _ROW)
            ],
        )
        told = zip(known.tolist(), times[known].tolist(), defaulted[known].tolist(), strict=True)
        insert_all(connection, fact_outcomes, [(number, *one) for number, one in enumerate(told)])


def _made(rng: np.random.Generator, count: int) -> Facts:
    made: npt.NDArray[Any] = np.zeros(count, FACT)
    made["probability"] = rng.beta(1.2, 12, count)
    made["latency_ms"] = rng.lognormal(4.5, 0.8, count)
    made["door"] = rng.random(count) < 0.2
    made["outcome"] = _POLICY.outcomes(made["probability"].astype(np.float64))
    made["model_id"] = made["policy_id"] = 1
    for name, theme in THEMES.items():
        bands = len(theme.edges or theme.words)
        made[name] = np.minimum(rng.poisson(bands / 2.5, count), bands - 1)
    made["seniority"][rng.random(count) < 0.18] = NOT_EMPLOYED
    return made


def _book(file: Path, count: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ledger.portfolio.book import BOOK_KEY

    rng = np.random.default_rng(8)
    made = _made(rng, count)
    columns: dict[str, Sequence[Any] | npt.NDArray[Any]] = {
        name: np.ascontiguousarray(made[name]) for name in (*THEMES, "probability", "outcome")
    }
    columns["defaulted"] = (rng.random(count) < made["probability"]).astype(np.int8)
    said = {"version": "1", "policy": _POLICY.model_dump(), "made_at": "2026-01-01T00:00:00+00:00"}
    pq.write_table(pa.table(columns).replace_schema_metadata({BOOK_KEY: json.dumps(said)}), file, compression="zstd")


if __name__ == "__main__":
    main()
