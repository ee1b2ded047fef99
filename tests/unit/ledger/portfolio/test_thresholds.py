"""Costs along the threshold."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ledger.portfolio.filters import PortfolioFilter
from ledger.portfolio.thresholds import threshold_curve
from tests.fixtures.portfolio import POLICY, counted, facts


def test_each_threshold_costs_what_its_two_errors_cost(tmp_path: Path) -> None:
    """400 loans whose outcomes are known, against the costs counted one by one."""
    rng = np.random.default_rng(5)
    p = rng.uniform(0, 0.5, 400).astype(np.float32)
    bad = (rng.random(400) < p).astype(int)
    with counted(tmp_path, facts(400, probability=p), dict(enumerate(bad.tolist()))) as counts:
        told = threshold_curve(counts, PortfolioFilter(), POLICY).document()
    assert (told["basis"], told["rows"], told["current"]) == ("observed", 400, 0.1)
    for point in told["thresholds"][1::7]:
        below = p < point["threshold"]
        assert point["defaults"] == bad[below].sum()
        assert point["declined_good"] == (1 - bad[~below]).sum()
        assert point["cost"] == 10 * bad[below].sum() + (1 - bad[~below]).sum()
        assert point["approval_rate"] == round(below.mean(), 6)
    costs = {point["threshold"]: point["cost"] for point in told["thresholds"]}
    assert costs[told["cheapest"]] == min(costs.values())


def test_without_outcomes_the_probabilities_tell(tmp_path: Path) -> None:
    """Expected defaults are sums of probabilities, and the answer says that it is so."""
    with counted(tmp_path, facts(100, probability=[0.05] * 50 + [0.3] * 50)) as counts:
        told = threshold_curve(counts, PortfolioFilter(), POLICY).document()
    assert told["basis"] == "expected"
    at = {point["threshold"]: point for point in told["thresholds"]}
    assert (at[0.1]["defaults"], at[0.1]["declined_good"]) == (2.5, 35.0)
    assert at[1.0]["approval_rate"] == 1.0


def test_nothing_counted_is_an_empty_curve(tmp_path: Path) -> None:
    """And no division by nothing."""
    with counted(tmp_path, facts(0)) as counts:
        told = threshold_curve(counts, PortfolioFilter(), POLICY).document()
    assert (told["rows"], told["thresholds"], told["cheapest"]) == (0, [], None)
