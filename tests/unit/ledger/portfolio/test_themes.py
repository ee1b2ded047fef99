"""Bands of a theme, counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from credit.policy import Costs
from credit.themes import NOT_EMPLOYED, THEMES, UNKNOWN, middle
from ledger.portfolio.filters import PortfolioFilter
from ledger.portfolio.themes import count_theme
from tests.fixtures.portfolio import counted, facts


def test_a_band_has_its_counts_rates_and_costs(tmp_path: Path) -> None:
    """Worked by hand: 20 young of whom 15 are approved and 4 of 10 default; 5 older ones, all declined."""
    age = THEMES["age"]
    held = facts(
        25,
        age=[age.band_of(20.0)] * 20 + [age.band_of(52.0)] * 5,
        outcome=[0] * 15 + [1] * 5 + [2] * 5,
        probability=[0.05] * 15 + [0.1] * 5 + [0.5] * 5,
        amount=[THEMES["amount"].band_of(300e3)] * 25,
    )
    defaulted = {seq: int(seq < 4) for seq in range(10)}
    with counted(tmp_path, held, defaulted) as counts:
        tally = count_theme(counts, "age", PortfolioFilter(), Costs())
    young = tally.bands[0].document()
    assert (young["band"], young["from"], young["to"]) == ("18-25", 18.0, 25.0)
    assert (young["count"], young["approved"], young["approval_rate"]) == (20, 15, 0.75)
    assert young["approval_low"] == pytest.approx(0.5313, abs=1e-4)
    assert young["approval_high"] == pytest.approx(0.8881, abs=1e-4)
    assert (young["observed"], young["defaults"], young["default_rate"]) == (10, 4, 0.4)
    assert young["mean_probability"] == pytest.approx((15 * 0.05 + 5 * 0.1) / 20, abs=1e-6)
    assert young["expected_cost"] == pytest.approx(15 * 0.05 * 10 + 5 * 0.9, abs=0.01)
    assert young["amount"] == round(middle(THEMES["amount"], THEMES["amount"].band_of(300e3)))
    older = tally.bands[6].document()
    assert (older["band"], older["count"], older["approval_rate"]) == ("50-55", 5, 0.0)
    assert (older["default_rate"], older["defaults"]) == (None, None)
    assert len(tally.bands) == len(age.shown)


def test_the_last_word_on_a_decision_holds(tmp_path: Path) -> None:
    """An outcome that is known better is not counted twice."""
    held = facts(6, education=[1] * 6)
    with counted(tmp_path, held, dict.fromkeys(range(6), 1)) as counts:
        counts._follower.outcomes.append(_changes({0: 0, 1: 0}, 6), 6, 8)
        (band,) = [b for b in count_theme(counts, "education", PortfolioFilter(), Costs()).bands if b.count]
    assert (band.observed, band.defaults) == (6, 4)


def _changes(defaulted: dict[int, int], first: int):
    from tests.fixtures.portfolio import outcomes

    return outcomes(defaulted, first)


def test_fine_bands_of_money_are_shown_in_coarse_ones(tmp_path: Path) -> None:
    """What is kept at 100, 125 and 150 thousand is shown as 100 to 200."""
    income = THEMES["income"]
    held = facts(12, income=np.repeat([income.band_of(v) for v in (100e3, 125e3, 150e3, 199e3)], 3))
    with counted(tmp_path, held) as counts:
        bands = {b.word: b.count for b in count_theme(counts, "income", PortfolioFilter(), Costs()).bands}
    assert bands["100000-150000"] == 6
    assert bands["150000-200000"] == 6
    assert "unknown" not in bands


def test_who_is_not_employed_and_who_is_unknown_come_last(tmp_path: Path) -> None:
    """They have no place in the order."""
    with counted(tmp_path, facts(12, seniority=[NOT_EMPLOYED] * 6 + [UNKNOWN] * 6)) as counts:
        bands = count_theme(counts, "seniority", PortfolioFilter(), Costs()).bands
    assert [band.word for band in bands[-2:]] == ["not employed", "unknown"]
    assert [band.count for band in bands[-2:]] == [6, 6]


def test_rates_over_fewer_than_five_are_withheld(tmp_path: Path) -> None:
    """They would tell of persons."""
    with counted(tmp_path, facts(4, housing=[1] * 4), {0: 1}) as counts:
        bands = count_theme(counts, "housing", PortfolioFilter(), Costs()).bands
    (few,) = [band.document() for band in bands if band.count]
    told = {name for name, value in few.items() if value is not None}
    assert told == {"band", "count", "observed"}
