"""Realised and estimated performance."""

from __future__ import annotations

import numpy as np
import pytest

from monitoring.outcomes.performance import band_rates, estimate, evaluate
from tests.fixtures.audited import POLICY


def test_measures_agree_with_scikit_learn() -> None:
    """AUC, Brier and KS equal scikit-learn's and SciPy's on rounded scores with ties."""
    from scipy.stats import ks_2samp
    from sklearn.metrics import brier_score_loss, roc_auc_score

    rng = np.random.default_rng(2)
    p = np.round(rng.beta(1, 8, 3000), 2)
    y = (rng.random(3000) < p).astype(float)
    held = evaluate(p, y, POLICY)
    assert held.auc == pytest.approx(roc_auc_score(y, p))
    assert held.brier == pytest.approx(brier_score_loss(y, p))
    assert held.ks == pytest.approx(ks_2samp(p[y == 1], p[y == 0]).statistic)
    assert held.gini == pytest.approx(2 * held.auc - 1)


def test_cost_counts_both_errors_at_the_threshold() -> None:
    """A default below the threshold costs 10, a good applicant at or above it 1."""
    p = np.array([0.05, 0.05, 0.1, 0.5])
    assert evaluate(p, np.array([1.0, 0.0, 0.0, 1.0]), POLICY).cost_per_client == pytest.approx(11 / 4)


def test_estimate_meets_the_realised_where_probabilities_are_calibrated() -> None:
    """CBPE's AUC, Brier, cost and default rate lie within sampling error of the realised ones."""
    rng = np.random.default_rng(3)
    p = rng.beta(1, 9, 60_000)
    y = (rng.random(60_000) < p).astype(float)
    realised, estimated = evaluate(p, y, POLICY), estimate(p, POLICY)
    for measure, within in {
        "auc": 0.01,
        "brier": 0.003,
        "cost_per_client": 0.03,
        "default_rate": 0.004,
        "ks": 0.015,
    }.items():
        assert getattr(estimated, measure) == pytest.approx(getattr(realised, measure), abs=within), measure


def test_estimate_parts_from_the_realised_where_calibration_is_gone() -> None:
    """When applicants default twice as often as predicted, the realised cost leaves the estimate behind."""
    rng = np.random.default_rng(4)
    p = rng.beta(1, 9, 20_000)
    y = (rng.random(20_000) < np.minimum(2 * p, 1)).astype(float)
    assert evaluate(p, y, POLICY).cost_per_client > 1.25 * estimate(p, POLICY).cost_per_client


@pytest.mark.parametrize("y", [np.zeros(5), np.ones(5)])
def test_one_class_has_no_auc(y: np.ndarray) -> None:
    """Without both classes AUC and KS are unknown, the rest is not."""
    held = evaluate(np.linspace(0.1, 0.5, 5), y, POLICY)
    assert np.isnan(held.auc)
    assert held.default_rate == y[0]


def test_bands_count_each_decision_once() -> None:
    """Bands count each decision once, the ends among them."""
    p = np.array([0.0, 0.01, 0.03, 0.5, 1.0])
    rates, n = band_rates(p, np.array([0, 1, 0, 1, 1.0]))
    assert n.sum() == 5
    assert rates[0] == 0.5
