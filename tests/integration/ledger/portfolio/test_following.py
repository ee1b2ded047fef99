"""Facts from the sink's transactions to the answers, over real databases: each decision once, whatever comes first."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, delete, func, select

from credit.policy import Costs
from credit.themes import NOT_EMPLOYED, THEMES
from credit.wire.outcome import ObservedOutcome
from ledger.errors import LedgerUnavailable
from ledger.portfolio.backfill import FactsOfThePast
from ledger.portfolio.book import Book
from ledger.portfolio.counting import PortfolioCounts
from ledger.portfolio.filters import PortfolioFilter
from ledger.portfolio.following import Follower
from ledger.portfolio.making import FactsBeside
from ledger.portfolio.outcomes import OutcomesBeside
from ledger.portfolio.themes import count_theme
from ledger.store import tables
from ledger.store.engine import reading, writing
from ledger.store.months import end_retention
from ledger.store.write import LedgerWriter, Moves, SinkWork
from ledger.vault.vault import ClientVault
from tests.fixtures.decisions import decision_batch
from tests.fixtures.keys import memory_vault
from tests.fixtures.ledger import VAULT, work
from tests.fixtures.portfolio import NobodyOnFile

pytestmark = pytest.mark.integration

FEATURES = ("DAYS_BIRTH", "AMT_CREDIT", "DAYS_EMPLOYED", "EXT_SOURCE_2")


def batch_of(n: int, first_id: int = 100_001):
    batch = decision_batch(n, first_id, features=FEATURES)
    batch.features[:, 0], batch.features[:, 1], batch.features[:, 2] = -40.5 * 365.25, 300_000.0, np.nan
    return batch


def writer(engine: Engine, vault: ClientVault = VAULT) -> LedgerWriter:
    outcomes = OutcomesBeside(vault)
    return LedgerWriter(engine, vault, [FactsBeside(NobodyOnFile()), outcomes], [outcomes])


def told(batch, defaulted: dict[int, int], at_ms: int = 1, judged: bool = False) -> list[ObservedOutcome]:
    ids = batch.applications.application_ids
    return [
        ObservedOutcome(ids[row], batch.decision_ids[row] if judged else None, bad, at_ms)
        for row, bad in defaulted.items()
    ]


@pytest.fixture
def follower(engine: Engine, tmp_path: Path) -> Iterator[Follower]:
    made = Follower(engine, tmp_path / "portfolio")
    yield made
    made.close()


def ask(follower: Follower, folder: Path, question: str) -> list[tuple]:
    while follower.step():
        pass
    counts = PortfolioCounts(follower, Book(None), folder)
    try:
        return counts.ask(question)
    finally:
        counts.close()


ALL = "SELECT count(*), count(DISTINCT seq), count(defaulted), coalesce(sum(defaulted), 0) FROM source_rows"


def test_each_decision_is_counted_once_with_its_bands(engine: Engine, follower: Follower, tmp_path: Path) -> None:
    """Replays and repeated decisions add nothing; themes come from what the model read, others are unknown."""
    batch = batch_of(30)
    writer(engine).store(work(batch))
    writer(engine).store(work(batch_of(40), offset=1))
    assert ask(follower, tmp_path, ALL) == [(40, 40, 0, 0)]
    counts = PortfolioCounts(follower, Book(None), tmp_path)
    tally = {
        name: {band.word: band.count for band in count_theme(counts, name, PortfolioFilter(), Costs()).bands}
        for name in ("age", "amount", "seniority", "family")
    }
    counts.close()
    assert tally["age"]["40-45"] == tally["amount"]["300000-500000"] == tally["seniority"]["not employed"] == 40
    assert tally["family"] == dict.fromkeys(THEMES["family"].words, 0) | {"unknown": 40}
    rows = ask(follower, tmp_path, "SELECT outcome, latency_ms, door, seniority FROM source_rows ORDER BY seq LIMIT 3")
    assert rows == [(0, 250, 0, NOT_EMPLOYED), (1, 250, 0, NOT_EMPLOYED), (2, 250, 0, NOT_EMPLOYED)]


def test_a_transaction_taken_back_counts_nothing(engine: Engine, follower: Follower, tmp_path: Path) -> None:
    """Facts are in the transaction of the rows: what fails late leaves none, and the retry brings them once."""

    class Failing:
        broken = True

        def add(self, connection, new) -> None:
            if self.broken:
                raise LedgerUnavailable("not now")

    failing = Failing()
    store = LedgerWriter(engine, VAULT, [FactsBeside(NobodyOnFile()), failing])
    with pytest.raises(LedgerUnavailable):
        store.store(work(batch_of(20)))
    assert ask(follower, tmp_path, ALL) == [(0, 0, 0, 0)]
    failing.broken = False
    store.store(work(batch_of(20)))
    assert ask(follower, tmp_path, ALL) == [(20, 20, 0, 0)]


@pytest.mark.parametrize("judged", [False, True])
def test_outcomes_find_their_decisions_whichever_comes_first(
    engine: Engine, follower: Follower, tmp_path: Path, judged: bool
) -> None:
    """By the application alone or by the decision; an older word changes nothing, a newer one replaces it."""
    batch, later = batch_of(10), batch_of(10, 200_001)
    store = writer(engine)
    store.store(work(batch))
    both = told(batch, {0: 1, 1: 0, 2: 1}, 100, judged) + told(later, {0: 1}, 100, judged)
    store.store(SinkWork(outcomes=both, moves=[Moves("outcomes", 0, 0, 1)]))
    assert ask(follower, tmp_path, ALL) == [(10, 10, 3, 2)]
    store.store(work(later, offset=1))
    assert ask(follower, tmp_path, ALL) == [(20, 20, 4, 3)]
    store.store(SinkWork(outcomes=told(batch, {0: 0}, 50, judged), moves=[Moves("outcomes", 0, 1, 2)]))
    assert ask(follower, tmp_path, ALL) == [(20, 20, 4, 3)]
    store.store(SinkWork(outcomes=told(batch, {0: 0}, 200, judged), moves=[Moves("outcomes", 0, 2, 3)]))
    assert ask(follower, tmp_path, ALL) == [(20, 20, 4, 2)]


def test_an_erasure_leaves_the_counts_right_and_names_nobody(
    engine: Engine, follower: Follower, tmp_path: Path
) -> None:
    """No client's number, name or hash is in facts or segments; after the key is gone every count is as it was."""
    batch, vault = batch_of(12, 300_001), memory_vault()
    store = writer(engine, vault)
    store.store(work(batch))
    store.store(SinkWork(outcomes=told(batch, {3: 1}, 100), moves=[Moves("outcomes", 0, 0, 1)]))
    before = ask(follower, tmp_path, ALL)
    client = vault.lookup("client", "300004")
    assert vault.erase("300004")
    assert ask(follower, tmp_path, ALL) == before == [(12, 12, 1, 1)]
    with reading(engine) as connection:
        packed = b"".join(bytes(row) for row in connection.scalars(select(tables.facts.c.packed)))
    held = packed + b"".join(path.read_bytes() for path in tmp_path.rglob("*.parquet"))
    for mark in (client, b"300004", (300_004).to_bytes(8, "little"), batch.decision_ids[3].encode()):
        assert mark not in held


def test_a_follower_goes_on_where_it_was_and_begins_anew_over_another_database(
    engine: Engine, follower: Follower, tmp_path: Path
) -> None:
    """A second start takes up the segments; where the last row is not the database's, they are made again."""
    writer(engine).store(work(batch_of(10)))
    assert ask(follower, tmp_path, ALL) == [(10, 10, 0, 0)]
    follower.close()
    files = sorted(path.name for path in tmp_path.rglob("*.parquet"))
    again = Follower(engine, tmp_path / "portfolio")
    assert ask(again, tmp_path, ALL) == [(10, 10, 0, 0)]
    assert sorted(path.name for path in tmp_path.rglob("*.parquet")) == files
    again.close()
    with writing(engine) as connection:  # what a restored backup of the database would hold
        connection.execute(delete(tables.facts))
        connection.execute(delete(tables.register))
        connection.execute(delete(tables.decisions))
        connection.execute(delete(tables.payloads))
    other = batch_of(7, 500_001)
    writer(engine).store(work(replace(other, decided_ms=other.decided_ms + 5), offset=1))
    third = Follower(engine, tmp_path / "portfolio")
    assert ask(third, tmp_path, ALL) == [(7, 7, 0, 0)]
    third.close()


def test_only_one_process_of_a_folder_writes_and_another_reads_on(
    engine: Engine, follower: Follower, tmp_path: Path
) -> None:
    """The second looks at what the first wrote; once the first has ended it follows itself."""
    writer(engine).store(work(batch_of(10)))
    assert ask(follower, tmp_path, ALL) == [(10, 10, 0, 0)]
    second = Follower(engine, tmp_path / "portfolio")
    writer(engine).store(work(batch_of(5, 200_001), offset=1))
    assert ask(second, tmp_path, ALL) == [(10, 10, 0, 0)]
    follower.close()
    assert ask(second, tmp_path, ALL) == [(15, 15, 0, 0)]
    second.close()


def test_what_retention_ends_is_counted_no_more(engine: Engine, tmp_path: Path) -> None:
    """The database's months end, and with them what a portfolio is counted from."""
    old, young = batch_of(20), batch_of(15, 200_001)
    old = replace(old, decided_ms=old.decided_ms - 90 * 86_400_000)
    store = writer(engine)
    store.store(work(old))
    store.store(work(young, offset=1))
    store.store(SinkWork(outcomes=told(old, {0: 1}, 100), moves=[Moves("outcomes", 0, 0, 1)]))
    end_retention(engine, int(young.decided_ms[0]) - 40 * 86_400_000)
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(tables.facts)) == 1
        assert connection.scalar(select(func.count()).select_from(tables.fact_outcomes)) == 0
    follower = Follower(engine, tmp_path / "portfolio")
    assert ask(follower, tmp_path, ALL) == [(15, 15, 0, 0)]
    follower.close()
    shutil.rmtree(tmp_path / "portfolio")


def test_decisions_from_before_facts_are_counted_from_their_receipts(engine: Engine, tmp_path: Path) -> None:
    """A ledger of an earlier version: counted backwards beside new decisions, erased clients without their bands."""
    old, new = batch_of(1_200, 600_001), batch_of(10, 700_001)
    vault = memory_vault()
    earlier = LedgerWriter(engine, vault)
    earlier.store(work(old))
    earlier.store(SinkWork(outcomes=told(old, {5: 1, 6: 0}), moves=[Moves("outcomes", 0, 0, 1)]))
    assert vault.erase("600003")
    writer(engine, vault).store(work(new, offset=1))
    follower = Follower(engine, tmp_path / "portfolio")
    assert ask(follower, tmp_path, ALL) == [(10, 10, 0, 0)]
    follower.close()
    past = FactsOfThePast(engine, vault, NobodyOnFile(), OutcomesBeside(vault))
    made = [past() for _ in range(4)]
    assert (made, past.done) == ([500, 500, 200, 0], True)
    again = Follower(engine, tmp_path / "portfolio")
    assert ask(again, tmp_path, ALL) == [(1_210, 1_210, 2, 1)]
    bands = ask(again, tmp_path, "SELECT age = 255, amount = 255, count(*) FROM source_rows GROUP BY ALL ORDER BY 1")
    assert bands == [(False, False, 1_209), (True, True, 1)]
    compared = "SELECT outcome, probability, latency_ms FROM source_rows ORDER BY seq LIMIT 3"
    assert ask(again, tmp_path, compared) == [
        (row, pytest.approx(p, abs=1e-6), 250) for row, p in enumerate((0.02, 0.1, 0.4))
    ]
    again.close()
