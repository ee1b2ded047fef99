"""What a loan brings or costs by its own amounts, and the threshold at which a bank earns most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from credit.features import CATALOG
from training.economics import Economics

_LONGEST_MONTHS = 120.0  # an annuity that hardly covers the interest would never end


@dataclass(frozen=True)
class LoanValues:
    """What each loan brings if it is repaid, and costs if it defaults: float64[n], in the currency of the credit."""

    gain: FloatArray
    loss: FloatArray

    def of(self, rows: IntArray | npt.NDArray[np.bool_]) -> LoanValues:
        """Return the values of some rows."""
        return LoanValues(self.gain[rows], self.loss[rows])

    def earned(self, y: FloatArray) -> FloatArray:
        """Return what approving each loan earned, by its label: float64[n] -> float64[n]."""
        return np.where(y == 1, -self.loss, self.gain)


def implied_months(credit: FloatArray, annuity: FloatArray, loan_rate: float) -> FloatArray:
    """Return how many monthly annuities repay a credit at a yearly rate: float64[n] of amounts -> float64[n].

    At most 120; NaN where an amount is missing. Source: an annuity's present value, credit = A (1 - (1 + i)^-n) / i.
    """
    i = loan_rate / 12
    with np.errstate(invalid="ignore", divide="ignore"):
        left = 1 - i * credit / annuity
        months = np.where(left > 0, -np.log(np.maximum(left, 1e-12)) / np.log1p(i), _LONGEST_MONTHS)
    known = ~np.isnan(credit) & ~np.isnan(annuity)
    return np.where(known, np.minimum(months, _LONGEST_MONTHS), np.nan)


def loan_values(credit: FloatArray, annuity: FloatArray, economics: Economics) -> LoanValues:
    """Return the values of loans of these amounts, float64[n] each.

    A repaid loan brings the margin (loan rate less funding rate) on what is owed month by month until the annuities
    have repaid it. A default loses exposure times loss given default, and brings nothing. A loan without an annuity
    brings the median part of its credit.
    """
    i = economics.loan_rate / 12
    months = implied_months(credit, annuity, economics.loan_rate)
    growth = np.expm1(months * np.log1p(i)) / i
    owed = credit * growth - annuity / i * (growth - months)  # summed over the months
    gain = (economics.loan_rate - economics.funding_rate) / 12 * owed
    part = gain / credit
    typical = float(np.nanmedian(part)) if (~np.isnan(part)).any() else 0.0
    gain = np.where(np.isnan(gain), typical * credit, gain)
    return LoanValues(gain, economics.exposure_at_default * economics.loss_given_default * credit)


def values_of(X: FloatArray, economics: Economics) -> LoanValues:
    """Return the values of the loans applied for: float64[n, assembled features]."""
    return loan_values(X[:, CATALOG.index["AMT_CREDIT"]], X[:, CATALOG.index["AMT_ANNUITY"]], economics)


def profit_curve(y: FloatArray, probability: FloatArray, values: LoanValues) -> tuple[FloatArray, FloatArray]:
    """Return thresholds float64[m], ascending, and the mean profit of an application at each; the last approves all."""
    order = np.argsort(probability, kind="stable")
    sorted_p = probability[order]
    first = np.concatenate([[True], sorted_p[1:] > sorted_p[:-1]])
    thresholds = np.append(sorted_p[first], np.nextafter(sorted_p[-1], np.inf))
    earned = np.concatenate([[0.0], np.cumsum(values.earned(y)[order])])
    return thresholds, earned[np.append(np.flatnonzero(first), len(y))] / len(y)


def most_profitable_threshold(y: FloatArray, probability: FloatArray, values: LoanValues) -> float:
    """Return the threshold of greatest mean profit; where several earn the same, the middle one."""
    thresholds, profit = profit_curve(y, probability, values)
    best = np.flatnonzero(profit >= profit.max() - 1e-12 * max(abs(float(profit.max())), 1.0))
    return float(thresholds[best[len(best) // 2]])
