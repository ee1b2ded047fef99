"""The figures of the counterfactual benchmark, from answers made by hand."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.counterfactual import SearchedDecline, summary
from serve_app.counterfactual.finder import what_would_change
from tests.fixtures.loans import loans
from tests.unit.serve_app.counterfactual.test_finder import LimitGraph


def searched(limit: float, proposed: tuple[float, ...], best_cost: float | None, seconds: float) -> SearchedDecline:
    answer = asyncio.run(what_would_change(LimitGraph(limit, proposed), loans(1)))
    return SearchedDecline(answer, seconds, seconds / 2, best_cost)


def test_what_is_missed_and_what_costs_more_is_seen() -> None:
    """Found is the share of what scoring every plan finds; the worst ratio and the times are told."""
    one = searched(100_000.0, (90_000.0,), 1.0, 0.1)  # found, at the lowest cost
    dear = searched(100_000.0, (200_000.0, 90_000.0), 1.6, 0.2)  # found at a cost of 2
    missed = searched(1.0, (), 1.0, 0.3)
    none = searched(1.0, (), None, 0.4)
    figures = summary([one, dear, missed, none])
    assert figures["declines"] == 4
    assert figures["exhaustive"] == 3
    assert figures["found"] == pytest.approx(2 / 3)
    assert figures["worst_cost_ratio"] == pytest.approx(1.25)
    assert figures["p50_ms"] == pytest.approx(250)
    assert figures["p50_cpu_ms"] == pytest.approx(125)
    assert figures["p50_ms_where_there_is_none"] == pytest.approx(350)
    assert figures["told_but_not_approved"] == 0
