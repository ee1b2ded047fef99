"""The eight themes by which a portfolio is looked at, and the coarse values that are kept for them.

What is kept of an applicant is a band in each theme, never a value: a year of age, an income or a sum to the unit would
lead back to a person once the name is gone. Bands are small numbers, `UNKNOWN` where nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.features.columns import NEVER
from credit.schema import APPLICATION_COLUMNS

Bands = npt.NDArray[np.uint8]

UNKNOWN: Final = 255
NOT_EMPLOYED: Final = 254
EARLIER_CREDITS: Final = "EARLIER_CREDITS"
_DAYS_A_YEAR: Final = 365.25
_CATEGORIES: Final = {column.name: column.codes for column in APPLICATION_COLUMNS}
# Ten steps a decade, each about a quarter above the one before, in numbers that people read easily.
_DECADE: Final = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)


def _money(first: int, last: int) -> tuple[float, ...]:
    return (0.0, *(step * 10.0**power for power in range(first, last) for step in _DECADE), 10.0**last)


@dataclass(frozen=True, slots=True)
class Theme:
    """One way to cut a portfolio.

    column: of the application, or EARLIER_CREDITS; edges: lower ends of its bands, empty for a category; shown: the
    edges that a chart shows, each among `edges`; words: a category's words by band; protected: whether the law forbids
    to decide by it, so that a difference is a question of fairness and never a rule.
    """

    name: str
    column: str
    edges: tuple[float, ...] = ()
    shown: tuple[float, ...] = ()
    words: tuple[str, ...] = ()
    protected: bool = False

    @property
    def ordered(self) -> bool:
        return bool(self.edges)

    def bands(self, values: FloatArray) -> Bands:
        """Return the band of each value of the column, float64[n] with NaN for what is missing."""
        found = np.full(len(values), UNKNOWN, dtype=np.uint8)
        if self.ordered:
            known = np.isfinite(values)
            places = np.searchsorted(self.edges, values[known], side="right") - 1
            found[known] = np.clip(places, 0, len(self.edges) - 1)
        else:
            known = (values >= 0) & (values < len(self.words))
            found[known] = values[known]
        return found

    def band_of(self, value: float) -> int:
        """Return the band in which one value lies."""
        return int(self.bands(np.array([value]))[0])


_YEARS: Final = (0.0, 1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0)
_AGES: Final = (18.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0, 60.0, 65.0)
_COUNTS: Final = (0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0)
_INCOMES: Final = (0.0, 50e3, 100e3, 150e3, 200e3, 300e3, 500e3)
_AMOUNTS: Final = (0.0, 100e3, 200e3, 300e3, 500e3, 800e3, 1e6, 1.5e6)


def _category(name: str, column: str, protected: bool = False) -> Theme:
    return Theme(name, column, words=_CATEGORIES[column], protected=protected)


_ALL: Final = (
    Theme("age", "DAYS_BIRTH", _AGES, _AGES, protected=True),
    Theme("income", "AMT_INCOME_TOTAL", _money(4, 7), _INCOMES),
    Theme("seniority", "DAYS_EMPLOYED", _YEARS, _YEARS),
    Theme("amount", "AMT_CREDIT", _money(4, 7), _AMOUNTS),
    _category("family", "NAME_FAMILY_STATUS", protected=True),
    _category("education", "NAME_EDUCATION_TYPE"),
    _category("housing", "NAME_HOUSING_TYPE"),
    Theme("history", EARLIER_CREDITS, _COUNTS, _COUNTS),
    _category("contract", "NAME_CONTRACT_TYPE"),
)
# Eight to look at; `contract` is only filtered by.
THEMES: Final[Mapping[str, Theme]] = {theme.name: theme for theme in _ALL}
COLUMNS: Final = tuple(theme.column for theme in _ALL)
# What earlier credits are counted from: loans with other lenders, and those that the bank itself gave.
HISTORY_COUNTS: Final = ("BUREAU_N_COUNT", "PREV_APPROVED_N_COUNT")


def theme_bands(values: Mapping[str, FloatArray], n: int) -> dict[str, Bands]:
    """Return each theme's band of n applicants, by theme.

    values: float64[n] by column, encoded as in `credit.schema`, NaN where missing; a column that is not there is
    unknown for all.
    """
    return {theme.name: _bands(theme, values.get(theme.column), n) for theme in _ALL}


def _bands(theme: Theme, values: FloatArray | None, n: int) -> Bands:
    if values is None:
        return np.full(n, UNKNOWN, dtype=np.uint8)
    if theme.column == "DAYS_BIRTH":
        return theme.bands(-values / _DAYS_A_YEAR)
    if theme.column == "DAYS_EMPLOYED":
        # The feature is missing where nobody employs the applicant; the column says so by a number of its own.
        without = ~np.isfinite(values) | (values == NEVER)
        return np.where(without, np.uint8(NOT_EMPLOYED), theme.bands(-values / _DAYS_A_YEAR))
    return theme.bands(values)


def middle(theme: Theme, band: int) -> float:
    """Return what stands for a band in sums of money: its geometric middle, or a quarter above the last edge."""
    edges = theme.edges
    if band >= len(edges) - 1:
        return edges[-1] * 1.25
    return edges[1] / 2 if band == 0 else float(np.sqrt(edges[band] * edges[band + 1]))
