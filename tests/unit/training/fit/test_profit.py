"""What loans bring and cost, and the threshold of most profit."""

import numpy as np
import pytest

from credit.policy import Costs
from training.economics import Economics
from training.fit.calibrate import choose_policy, fold_optima
from training.fit.profit import LoanValues, implied_months, loan_values, most_profitable_threshold, profit_curve

ECONOMICS = Economics(loan_rate=0.24, funding_rate=0.06, exposure_at_default=0.8, loss_given_default=0.5)


def annuity_of(credit: float, months: int, rate: float) -> float:
    i = rate / 12
    return credit * i / (1 - (1 + i) ** -months)


def test_a_repaid_loan_brings_the_margin_on_what_is_owed_month_by_month() -> None:
    """Term and gain are those of a payment plan written down line by line."""
    credit, months = 120_000.0, 24
    annuity = annuity_of(credit, months, ECONOMICS.loan_rate)
    owed, gain = credit, 0.0
    for _ in range(months):
        gain += owed * (ECONOMICS.loan_rate - ECONOMICS.funding_rate) / 12
        owed += owed * ECONOMICS.loan_rate / 12 - annuity
    assert owed == pytest.approx(0, abs=1e-6)
    amounts = np.array([credit]), np.array([annuity])
    assert implied_months(*amounts, ECONOMICS.loan_rate)[0] == pytest.approx(months)
    found = loan_values(*amounts, ECONOMICS)
    assert found.gain[0] == pytest.approx(gain)
    assert found.loss[0] == pytest.approx(credit * 0.4)


def test_a_loan_that_never_ends_and_one_without_annuity_have_values() -> None:
    """The first is cut off after 120 months, the second brings the median part of its credit."""
    credit = np.array([100_000.0, 100_000.0, 50_000.0])
    annuity = np.array([annuity_of(100_000.0, 12, 0.24), 1_999.0, np.nan])
    assert implied_months(credit, annuity, 0.24)[1] == 120
    found = loan_values(credit, annuity, ECONOMICS)
    assert np.isfinite(found.gain).all()
    assert found.gain[2] / 50_000 == pytest.approx(np.median(found.gain[:2] / credit[:2]))


def test_equal_loans_are_cut_where_the_costs_of_their_values_would_cut_them() -> None:
    """Profit with one gain and one loss for all is cost with that ratio: both objectives agree to the threshold."""
    rng = np.random.default_rng(1)
    p = rng.random(3_000) * 0.4
    y = (rng.random(3_000) < p).astype(float)
    fold = np.arange(3_000) % 5
    values = LoanValues(np.full(3_000, 100.0), np.full(3_000, 700.0))
    assert fold_optima(p, y, fold, Costs(), values) == fold_optima(p, y, fold, Costs(7.0, 1.0))
    cut = choose_policy(p, y, fold, Costs(), 0.1, values)
    assert cut.policy.threshold > choose_policy(p, y, fold, Costs(), 0.1).policy.threshold
    assert cut.policy.costs == Costs()


def test_the_threshold_earns_most_by_amount() -> None:
    """No other cut earns more, and a large loan outweighs many small ones."""
    y = np.array([0.0, 1.0, 0.0, 0.0, 1.0])
    p = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    values = LoanValues(np.array([1.0, 1.0, 1.0, 50.0, 1.0]), np.array([9.0, 20.0, 9.0, 9.0, 9.0]))
    assert most_profitable_threshold(y, p, values) == 0.5
    thresholds, profit = profit_curve(y, p, values)
    for threshold, earned in zip(thresholds, profit, strict=True):
        assert earned == pytest.approx(np.where(p < threshold, values.earned(y), 0).mean())
