"""Bands of the themes: what is kept of an applicant instead of the value."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from credit.themes import COLUMNS, NOT_EMPLOYED, THEMES, UNKNOWN, middle, theme_bands


def test_a_value_lies_in_the_band_that_begins_at_or_below_it() -> None:
    """Edges belong to the band that they begin; what lies outside is in the first or the last band."""
    amount = THEMES["amount"]
    assert amount.edges[amount.band_of(300_000.0)] == 300_000.0
    assert amount.edges[amount.band_of(399_999.0)] == 300_000.0
    assert (amount.band_of(-1.0), amount.band_of(9e9)) == (0, len(amount.edges) - 1)


def test_days_become_years_before_they_become_bands() -> None:
    """An applicant of 39.9 years is between 35 and 40; one employed for 400 days has a year of seniority."""
    bands = theme_bands({"DAYS_BIRTH": np.array([-39.9 * 365.25]), "DAYS_EMPLOYED": np.array([-400.0])}, 1)
    assert THEMES["age"].edges[bands["age"][0]] == 35.0
    assert THEMES["seniority"].edges[bands["seniority"][0]] == 1.0


@pytest.mark.parametrize("without", [np.nan, 365_243.0])
def test_who_is_not_employed_has_a_band_of_his_own(without: float) -> None:
    """The column says it by a number, the feature by being missing."""
    assert theme_bands({"DAYS_EMPLOYED": np.array([without])}, 1)["seniority"][0] == NOT_EMPLOYED


def test_what_is_missing_or_unheard_of_is_unknown() -> None:
    """A missing value, a category that the schema lacks, and a column that nobody gave."""
    bands = theme_bands({"AMT_CREDIT": np.array([np.nan, 1e5]), "NAME_HOUSING_TYPE": np.array([-1.0, 1.0])}, 2)
    assert bands["amount"].tolist() == [UNKNOWN, THEMES["amount"].band_of(1e5)]
    assert bands["housing"].tolist() == [UNKNOWN, 1]
    assert bands["family"].tolist() == [UNKNOWN, UNKNOWN]


def test_every_band_that_is_shown_is_one_that_is_kept() -> None:
    """Else a chart's band would be counted from a part of it."""
    for theme in THEMES.values():
        assert set(theme.shown) <= set(theme.edges)
        assert len(theme.edges) < NOT_EMPLOYED
        assert theme.column in COLUMNS


def test_no_band_of_money_is_wider_than_half_of_its_beginning() -> None:
    """Coarse enough to hide a sum, fine enough that totals hold."""
    edges = THEMES["income"].edges[1:]
    assert max(high / low for low, high in itertools.pairwise(edges)) < 1.51
    assert edges[3] < middle(THEMES["income"], 4) < edges[4]
