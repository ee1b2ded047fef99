"""Arrivals of an open loop."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.load.schedule import Schedule


def test_arrivals_keep_their_rate_and_come_as_independent_applicants_do() -> None:
    """The mean gap is the rate's, and gaps spread as much as they are long."""
    gaps = np.diff(Schedule.lasting(100.0, 200.0).offsets, prepend=0.0)
    assert len(gaps) == 20_000
    assert gaps.mean() == pytest.approx(1 / 200, rel=0.05)
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.05)


def test_the_sender_and_the_one_who_counts_have_the_same_moments() -> None:
    """Two processes work a schedule out by themselves."""
    assert Schedule(1000, 50.0).offsets.tolist() == Schedule(1000, 50.0).offsets.tolist()


def test_without_a_rate_all_come_at_once() -> None:
    """Nothing is spread."""
    assert Schedule(3, None).offsets.tolist() == [0.0, 0.0, 0.0]
