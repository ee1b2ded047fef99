"""Measures and thresholds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.policy import Costs
from training.fit.measures import best_threshold, calibration_error, cost_at, cost_curve, measures


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 60), st.integers(0, 10_000))
def test_the_best_threshold_costs_no_more_than_any_other(n: int, seed: int) -> None:
    """Ties included, no cut is cheaper than the one chosen, and the curve says what each costs."""
    rng = np.random.default_rng(seed)
    p, y = rng.integers(0, 10, n) / 10, rng.integers(0, 2, n).astype(float)
    thresholds, cost = cost_curve(y, p, Costs())
    assert cost == pytest.approx([cost_at(y, p, t, Costs()) for t in thresholds])
    best = cost_at(y, p, best_threshold(y, p, Costs()), Costs())
    assert best == pytest.approx(min(cost_at(y, p, t, Costs()) for t in np.linspace(-0.05, 1.05, 23)))


def test_perfect_scores_have_perfect_measures() -> None:
    """AUC, Gini and KS are 1 and the cost is 0 where scores separate."""
    y = np.array([0.0, 0.0, 1.0, 1.0])
    found = measures(y, np.array([0.1, 0.2, 0.8, 0.9]), 0.5, Costs())
    assert (found.auc, found.gini, found.ks, found.cost) == (1.0, 1.0, 1.0, 0.0)


def test_calibration_error_is_the_gap_of_a_constant_shift() -> None:
    """Probabilities 0.1 too high everywhere have an error of 0.1."""
    rng = np.random.default_rng(1)
    p = rng.uniform(0.1, 0.8, 200_000)
    y = (rng.random(len(p)) < p).astype(float)
    assert calibration_error(y, p + 0.1) == pytest.approx(0.1, abs=0.01)
    assert calibration_error(y, p) < 0.01
