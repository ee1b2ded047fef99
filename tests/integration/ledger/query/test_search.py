"""Pages of decisions on real databases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import Engine

from credit.policy import Outcome
from ledger.query.cursor import Cursor
from ledger.query.search import DecisionFilter, everything, page
from ledger.review.actor import Actor
from ledger.review.queue import QueueFilter, ReviewQueue, ReviewRules
from ledger.review.reasons import ReviewVerdict
from ledger.store.engine import reading
from tests.fixtures.decisions import decision_batch
from tests.fixtures.ledger import FEATURES, VAULT, store, work, writer

pytestmark = pytest.mark.integration
BEGIN = 1_750_000_000_250


def spread(engine: Engine, n: int = 90) -> list[str]:
    """Store n decisions, one a second, and return their ids from the newest on."""
    batch = decision_batch(n, features=FEATURES)
    timed = replace(
        batch, decided_ms=BEGIN + 1000 * np.arange(n, dtype=np.int64), mode=(np.arange(n) == 7).astype(np.int8)
    )
    writer(engine).store(work(timed))
    return batch.decision_ids[::-1]


def ids(engine: Engine, wanted: DecisionFilter, limit: int = 1000, scan: int | None = None) -> tuple[list[str], int]:
    """Return all ids under a filter, in the order of their pages, and how many pages it took."""
    found, after, pages = [], None, 0
    while True:
        with reading(engine) as connection:
            got = page(connection, wanted, after, limit, scan)
        found += [row.decision_id for row in got.rows]
        pages += 1
        if got.after is None:
            return found, pages
        after = Cursor.read(got.after.word)


@pytest.mark.parametrize("limit", [1, 7, 30, 90, 500])
def test_pages_hold_everything_once_newest_first(engine: Engine, limit: int) -> None:
    """However long the pages are, together they are the whole list."""
    expected = spread(engine)
    assert ids(engine, DecisionFilter(), limit)[0] == expected


def test_a_page_looks_at_no_more_rows_than_it_may(engine: Engine) -> None:
    """A filter that matches little costs short pages and no long scan; nothing is left out."""
    expected = spread(engine)
    found, pages = ids(engine, DecisionFilter(points_from=10_000), limit=10, scan=20)
    assert (found, pages) == ([], 5)
    assert ids(engine, DecisionFilter(), limit=50, scan=20)[0] == expected


def test_each_filter_gives_what_it_says(engine: Engine) -> None:
    """Every filter alone, against what was stored."""
    newest = spread(engine)
    oldest = newest[::-1]
    with reading(engine) as connection:
        rows = {row.decision_id: row for rows in everything(connection, DecisionFilter(), 50) for row in rows}

    def expect(wanted: DecisionFilter, chosen: list[str]) -> None:
        assert ids(engine, wanted)[0] == chosen

    for outcome in Outcome:
        expect(DecisionFilter(outcome=int(outcome)), [i for i in newest if rows[i].outcome == outcome])
    expect(DecisionFilter(mode=1), [oldest[7]])
    expect(DecisionFilter(mode=0), [i for i in newest if i != oldest[7]])
    expect(DecisionFilter(door=0), newest)
    expect(DecisionFilter(door=1), [])
    expect(DecisionFilter(from_ms=BEGIN + 10_000, to_ms=BEGIN + 20_000), oldest[10:20][::-1])
    points = rows[oldest[1]].points
    expect(DecisionFilter(points_from=points, points_to=points), [i for i in newest if rows[i].points == points])
    expect(DecisionFilter(model_version="1"), newest)
    expect(DecisionFilter(model_version="2"), [])
    code = rows[oldest[0]].reasons.split()[0]
    expect(DecisionFilter(reason=code), newest)
    expect(DecisionFilter(reason="R00"), [])
    expect(DecisionFilter(client=VAULT.lookup("client", "100011")), [oldest[10]])
    expect(
        DecisionFilter(outcome=0, reason=code, door=0, points_from=points), [i for i in newest if rows[i].outcome == 0]
    )


def test_reviewed_decisions_are_told_from_others(engine: Engine) -> None:
    """A closed review makes a decision a reviewed one, an open one does not."""
    store(engine, 9)
    queue = ReviewQueue(engine, VAULT, ReviewRules(1e9, 3.0, 1000))
    actor = Actor("ann", frozenset({"review"}), limit=float("inf"))
    review = queue.listed(QueueFilter(), None, 10)[0]
    queue.take(review.review_id, actor)
    assert ids(engine, DecisionFilter(reviewed=True))[0] == []
    queue.decide(review.review_id, actor, ReviewVerdict.UPHOLD, "confirmed", None)
    assert ids(engine, DecisionFilter(reviewed=True))[0] == [review.decision_id]
    assert len(ids(engine, DecisionFilter(reviewed=False))[0]) == 8
