"""The key figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.portfolio.filters import PortfolioFilter
from ledger.portfolio.overview import overview
from tests.fixtures.portfolio import POLICY, START_MS, counted, facts


def test_key_figures_are_those_of_the_rows(tmp_path: Path) -> None:
    """Counts, rates with intervals, defaults of all and of what was approved, and the series adds up to the count."""
    held = facts(100, outcome=[0] * 80 + [1] * 5 + [2] * 15, probability=[0.05] * 80 + [0.1] * 5 + [0.4] * 15)
    defaulted = {seq: int(seq % 10 == 0) for seq in range(100)}
    with counted(tmp_path, held, defaulted) as counts:
        told = overview(counts, PortfolioFilter(), POLICY)
    assert (told["count"], told["approved"], told["referred"], told["declined"]) == (100, 80, 5, 15)
    assert told["approval_rate"] == 0.8
    assert told["approval_low"] < 0.8 < told["approval_high"]
    assert (told["observed"], told["defaults"], told["default_rate"]) == (100, 10, 0.1)
    assert told["approved_default_rate"] == 0.1
    assert told["expected_approved_default_rate"] == pytest.approx(0.05)
    assert told["expected_cost"] == pytest.approx(80 * 0.5 + 5 * 0.9 + 15 * 0.6, abs=0.01)
    assert (told["first_decided_at"], told["last_decided_at"]) == (START_MS, START_MS + 99_000)
    assert sum(bucket["count"] for bucket in told["series"]) == 100
    assert told["mean_amount"] is None


def test_nothing_counted_has_no_rates(tmp_path: Path) -> None:
    """An empty portfolio is an answer too."""
    with counted(tmp_path, facts(0)) as counts:
        told = overview(counts, PortfolioFilter(), POLICY)
    assert (told["count"], told["approval_rate"], told["series"]) == (0, None, [])
