"""The measures that gates, alerts and reports share."""

from __future__ import annotations

import numpy as np
import pytest

from credit.measures import (
    auc,
    auc_and_ks,
    brier,
    expected_cost,
    gini,
    js_distance,
    number_edges,
    psi,
    sample_psi,
    wilson_interval,
)
from credit.policy import Costs


def scored(n: int = 3000, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Scores with ties, and defaults that follow them."""
    rng = np.random.default_rng(seed)
    p = np.round(rng.beta(1, 8, n), 2)
    return p, (rng.random(n) < p).astype(float)


def test_psi_is_the_textbook_sum() -> None:
    """PSI equals sum (p - q) ln(p / q), worked by hand for two bins."""
    value = psi(np.array([[50, 50]]), np.array([[80, 20]]))
    assert value[0] == pytest.approx(0.3 * np.log(0.8 / 0.5) - 0.3 * np.log(0.2 / 0.5))


def test_psi_of_an_empty_bin_is_finite_and_of_nothing_unknown() -> None:
    """A bin that runs empty counts as a share of a ten-thousandth; a side without any counts says nothing."""
    floored = psi(np.array([[50, 50], [0, 0]]), np.array([[100, 0], [1, 1]]))
    assert floored[0] == pytest.approx(0.5 * np.log(2) + (1e-4 - 0.5) * np.log(1e-4 / 0.5))
    assert np.isnan(floored[1])


def test_js_distance_runs_from_nought_to_one() -> None:
    """Equal shares are 0 apart, shares without overlap 1, nothing against something is unknown."""
    counts = js_distance(np.array([[5, 5], [9, 0], [0, 0]]), np.array([[50, 50], [0, 4], [1, 1]]))
    assert counts[0] == 0.0
    assert counts[1] == pytest.approx(1.0)
    assert np.isnan(counts[2])


def test_psi_of_the_same_sample_is_zero_and_grows_with_the_shift() -> None:
    """Nothing for equal samples, little for a small shift, much for a large one; NaNs are left out."""
    x = np.random.default_rng(0).normal(size=5000)
    assert sample_psi(x, x) == 0.0
    assert 0.0 < sample_psi(x, x + 0.1) < 0.05 < 0.2 < sample_psi(x, x + 1.0)
    assert sample_psi(x, np.append(x, [np.nan] * 9)) == 0.0


def test_edges_of_few_values_are_the_values() -> None:
    """A flag's two values are two bins even where one is rare, and a constant has none."""
    assert number_edges(np.array([0.0] * 99 + [1.0])).tolist() == [0.0]
    assert number_edges(np.array([1.0] * 99 + [0.0])).tolist() == [0.0]
    assert number_edges(np.full(9, 4.0)).tolist() == []


def test_measures_agree_with_scikit_learn() -> None:
    """AUC, Brier and KS equal scikit-learn's and SciPy's on scores with ties."""
    from scipy.stats import ks_2samp
    from sklearn.metrics import brier_score_loss, roc_auc_score

    p, y = scored()
    area, ks = auc_and_ks(p, y)
    assert area == auc(p, y) == pytest.approx(roc_auc_score(y, p))
    assert ks == pytest.approx(ks_2samp(p[y == 1], p[y == 0]).statistic)
    assert brier(p, y) == pytest.approx(brier_score_loss(y, p))
    assert gini(area) == pytest.approx(2 * area - 1)


def test_a_weight_is_a_row_repeated() -> None:
    """Rows counted twice and rows given a weight of two measure the same."""
    p, y = scored(200)
    weight = np.where(np.arange(200) % 3 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(200), weight.astype(int))
    assert auc_and_ks(p, y, weight) == pytest.approx(auc_and_ks(p[twice], y[twice]))
    assert brier(p, y, weight) == pytest.approx(brier(p[twice], y[twice]))
    declined, costs = p > 0.1, Costs(7.0, 3.0)
    repeated = expected_cost(y[twice], declined[twice], costs)
    assert expected_cost(y, declined, costs, weight) == pytest.approx(repeated)


@pytest.mark.parametrize("y", [np.zeros(5), np.ones(5)])
def test_one_class_has_no_auc(y: np.ndarray) -> None:
    """Without both classes AUC and KS are unknown."""
    assert np.isnan(auc_and_ks(np.linspace(0.1, 0.5, 5), y)).all()


def test_cost_counts_both_errors_by_their_price() -> None:
    """An approved default and a declined repayer cost what the bank says; a soft label costs in proportion."""
    default, declined = np.array([1.0, 0.0, 0.0, 1.0]), np.array([False, False, True, True])
    assert expected_cost(default, declined, Costs(5.0, 2.0)) == pytest.approx((5 + 2) / 4)
    assert expected_cost(np.array([0.25]), np.array([False]), Costs(8.0, 1.0)) == pytest.approx(2.0)


def test_wilsons_interval_is_the_published_one() -> None:
    """15 of 20 and 0 of 10 at 95 %, by Wilson's formula; no case has no interval."""
    assert wilson_interval(15, 20) == (pytest.approx(0.5313, abs=1e-4), pytest.approx(0.8881, abs=1e-4))
    assert wilson_interval(0, 10) == (0.0, pytest.approx(0.2775, abs=1e-4))
    assert all(np.isnan(wilson_interval(0, 0)))
