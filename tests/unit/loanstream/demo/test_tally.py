"""Counting of the live view: outcomes, pace, percentiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanstream.demo.tally import Latencies, Tally


def decision(outcome: str, submitted_at: int, number: int = 1) -> dict[str, Any]:
    return {
        "application_id": str(number),
        "outcome": outcome,
        "probability_of_default": 0.1,
        "score_points": 600,
        "submitted_at": submitted_at,
        "reasons": [{"subject": "income"}],
        "model": {"name": "loanstream", "version": "3", "digest": "d"},
    }


@given(st.lists(st.integers(0, 100_000), min_size=1), st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_percentiles_are_exact_to_the_millisecond(values: list[int], share: float) -> None:
    """The histogram's percentile is the sorted list's: the smallest value that enough do not exceed."""
    latencies = Latencies()
    latencies.add(values)
    assert latencies.percentile(share) == int(np.quantile(values, share, method="inverted_cdf"))


def test_no_latency_gives_no_percentile() -> None:
    """Without a decision there is no percentile rather than a zero."""
    assert Latencies().percentile(0.5) is None


def test_outcomes_rate_and_latency_are_counted() -> None:
    """Two seconds of ten decisions each are twenty outcomes, ten a second, with their latencies."""
    tally = Tally()
    for second in (100, 101):
        tally.add([decision("approve", second * 1000 - 50)] * 8 + [decision("decline", second * 1000 - 90)] * 2, second)
    seen = tally.snapshot(102.0)
    assert seen.outcomes == {"approve": 16, "refer": 0, "decline": 4}
    assert seen.decisions == 20
    assert seen.rate == pytest.approx(10.0)
    assert (seen.p50_ms, seen.p99_ms) == (50, 90)
    assert seen.model == "loanstream v3"


def test_the_pace_forgets_what_is_long_ago() -> None:
    """Ten seconds after the last decision the pace is zero and the shown latency gone; the counts stay."""
    tally = Tally()
    tally.add([decision("refer", 99_000)], 100.0)
    seen = tally.snapshot(200.0)
    assert (seen.rate, seen.p50_ms, seen.decisions) == (0.0, None, 1)


def test_the_sample_has_one_of_each_outcome_a_second() -> None:
    """Of a thousand decisions in a second the view keeps the first of each outcome."""
    tally = Tally()
    tally.add(
        [decision("approve", 0, n) for n in range(500)] + [decision("decline", 0, n) for n in range(500, 1000)], 1.0
    )
    tally.add([decision("approve", 0, 7)], 1.5)
    assert [(d.application_id, d.outcome) for d in tally.snapshot(2.0).recent] == [("500", "decline"), ("0", "approve")]


def test_totals_are_of_the_whole_run() -> None:
    """The run's pace is decisions between the first and the last, its percentiles of all of them."""
    tally = Tally()
    for second in range(11):
        tally.add([decision("approve", second * 1000 - 10)] * 100, float(second))
    outcomes, rate, p50, p99 = tally.totals()
    assert outcomes["approve"] == 1100
    assert rate == pytest.approx(110.0)
    assert (p50, p99) == (10, 10)
