"""Measures, thresholds and calibration."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.policy import Costs
from training.fit.calibrate import choose_calibration, choose_policy, fit_isotonic, fit_platt
from training.fit.measures import best_threshold, calibration_error, cost_at, cost_curve, measures


def sample(n: int = 4_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    raw = rng.normal(-2.8, 1.0, n)
    return raw, (rng.random(n) < 1 / (1 + np.exp(-raw))).astype(float)


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


def test_platt_finds_slope_and_intercept() -> None:
    """Scores stretched and shifted are brought back."""
    raw, y = sample(60_000)
    found = fit_platt(raw * 2 + 1, y)
    assert found.slope == pytest.approx(0.5, abs=0.03)
    assert found.intercept == pytest.approx(-0.5, abs=0.1)


def test_isotonic_rises_and_stays_within_bounds() -> None:
    """The curve never falls, and no probability is exactly 0 or 1."""
    raw, y = sample()
    p = fit_isotonic(raw, y).probability(np.linspace(-20, 20, 500))
    assert (np.diff(p) >= 0).all()
    assert 0 < p.min() <= p.max() < 1


def test_calibration_is_chosen_by_brier() -> None:
    """Scores that are off are calibrated, and better for it."""
    raw, y = sample()
    found = choose_calibration(raw * 3, y, np.arange(len(y)) % 5)
    assert found.calibration.method in ("platt", "isotonic")
    assert found.brier[found.calibration.method] < found.brier["none"]


def test_the_refer_band_holds_what_can_be_reviewed() -> None:
    """A tenth of the applications lie in the band, and the threshold within it."""
    raw, y = sample()
    p = 1 / (1 + np.exp(-raw))
    cut = choose_policy(p, y, np.arange(len(y)) % 5, Costs(), 0.10)
    share = np.mean((p >= cut.policy.refer_from) & (p < cut.policy.decline_from))
    assert share == pytest.approx(0.10, abs=0.005)
    assert cut.policy.refer_from < cut.policy.threshold < cut.policy.decline_from
    assert cut.policy.threshold == pytest.approx(np.mean(cut.fold_thresholds))


def test_without_reviewers_nobody_is_referred() -> None:
    """A review share of 0 closes the band."""
    raw, y = sample()
    p = 1 / (1 + np.exp(-raw))
    policy = choose_policy(p, y, np.arange(len(y)) % 5, Costs(), 0.0).policy
    assert policy.refer_from == policy.threshold == policy.decline_from
