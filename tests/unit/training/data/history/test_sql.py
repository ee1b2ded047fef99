"""SQL of declared history features, run on rows made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from credit.features.history import AggregateName, HistoryFeature, Relation, Subset, Value
from training.data.connection import connect
from training.data.history.sql import relation_sql, relations

LOANS = Relation("LOAN", ("loans",), "loans", "loan", "loans")
ALL, OPEN = Subset("", "", ""), Subset("OPEN", "open", " that are open")
AMOUNT = Value("AMOUNT", "amount", "amount", "debt", unit=0.1)


def feature(aggregate: AggregateName, subset: Subset = ALL, value: Value = AMOUNT) -> HistoryFeature:
    return HistoryFeature(f"{aggregate}_{subset.key}", LOANS, subset, value, aggregate)


def run(features: list[HistoryFeature], rows: list[tuple[Any, ...]], clients: str = "") -> dict[int, dict[str, Any]]:
    """Return, by client, the features of rows (client, loan, amount, open)."""
    connection = connect(threads=1)
    connection.execute("CREATE TABLE loans (SK_ID_CURR BIGINT, loan BIGINT, amount DOUBLE, open BOOLEAN)")
    connection.executemany("INSERT INTO loans VALUES (?, ?, ?, ?)", rows)
    found = connection.sql(relation_sql(LOANS, features, clients))
    return {row[0]: dict(zip(found.columns[1:], row[1:], strict=True)) for row in found.fetchall()}


ROWS = [(1, 10, 0.3, True), (1, 12, 0.1, False), (1, 11, 0.2, True), (1, 13, None, True), (2, 20, 5.0, False)]


def test_every_aggregate_is_what_its_name_says() -> None:
    """Worked out by hand for a client with four loans, one of them without an amount."""
    names: tuple[AggregateName, ...] = ("count", "share", "sum", "mean", "min", "max", "last", "first", "distinct")
    got = run([feature(name) for name in names], ROWS)[1]
    f = np.float32
    assert got == {
        "count_": 4,
        "share_": 1,
        "sum_": f(0.6),
        "mean_": f(0.2),
        "min_": f(0.1),
        "max_": f(0.3),
        "last_": f(0.1),
        "first_": f(0.3),
        "distinct_": 3,
    }


def test_a_subset_counts_nothing_as_zero_and_misses_the_rest() -> None:
    """A client with rows but none in the subset has a count and a share of 0, and no sum, mean or extreme."""
    got = run([feature(a, OPEN) for a in ("count", "share", "sum", "mean", "max", "last")], ROWS)
    assert got[1] == pytest.approx(
        {"count_OPEN": 3, "share_OPEN": 0.75, "sum_OPEN": 0.5, "mean_OPEN": 0.25, "max_OPEN": 0.3, "last_OPEN": 0.2}
    )
    assert got[2] == {
        "count_OPEN": 0,
        "share_OPEN": 0,
        "sum_OPEN": None,
        "mean_OPEN": None,
        "max_OPEN": None,
        "last_OPEN": None,
    }


def test_no_order_of_rows_changes_a_bit_of_a_sum() -> None:
    """Sums are taken in whole units: what floats would add up differently comes out the same."""
    amounts = [1e9, 0.1, -1e9, 0.2, 0.3, 1e-9]
    orders = [np.random.default_rng(seed).permutation(len(amounts)) for seed in range(5)]
    sums = {run([feature("sum")], [(1, int(i), amounts[i], True) for i in order])[1]["sum_"] for order in orders}
    assert sums == {np.float32(0.6)}


def test_only_the_clients_asked_for_are_aggregated() -> None:
    """The condition restricts rows before they are grouped."""
    assert set(run([feature("count")], ROWS, "SK_ID_CURR = 2")) == {2}


def test_features_are_grouped_by_relation_in_order_of_first_use() -> None:
    """One statement reads each relation once."""
    other = HistoryFeature("x", Relation("CARD", ("cards",), "cards", "month", "months"), ALL, AMOUNT, "count")
    features = [feature("sum"), other, feature("mean")]
    grouped = relations(features)
    assert [relation.key for relation in grouped] == ["LOAN", "CARD"]
    assert grouped[LOANS] == [features[0], features[2]]
