"""Calibration, the threshold and the refer band."""

import numpy as np
import pytest

from credit.policy import Costs
from training.fit.calibrate import choose_calibration, choose_policy, fit_isotonic, fit_platt


def sample(n: int = 4_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    raw = rng.normal(-2.8, 1.0, n)
    return raw, (rng.random(n) < 1 / (1 + np.exp(-raw))).astype(float)


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
