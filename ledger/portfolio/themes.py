"""One theme of the portfolio: how each of its bands is decided, and what became of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from credit.measures import wilson_interval
from credit.policy import Costs, Outcome
from credit.themes import NOT_EMPLOYED, THEMES, UNKNOWN, Theme, middle
from ledger.portfolio.counting import PortfolioCounts
from ledger.portfolio.filters import PortfolioFilter

# A rate over fewer tells of persons, not of a band: it is withheld.
FEWEST: Final = 5

# What an application is expected to cost, by its probability of default: an approved one as a default, another one as a
# declined repayer, a referred one as the cheaper of the two.
EXPECTED_COST: Final = (
    f"sum(CASE outcome WHEN {int(Outcome.APPROVE)} THEN probability * ? "
    f"WHEN {int(Outcome.DECLINE)} THEN (1 - probability) * ? "
    "ELSE least(probability * ?, (1 - probability) * ?) END)"
)
_QUESTION: Final = f"""
SELECT {{theme}}, amount, count(*), count(*) FILTER (outcome = {int(Outcome.APPROVE)}), count(defaulted),
       coalesce(sum(defaulted), 0), sum(probability), {EXPECTED_COST}
FROM source_rows WHERE {{condition}} GROUP BY ALL
"""


def cost_values(costs: Costs) -> list[object]:
    """Return the values that EXPECTED_COST takes."""
    return [costs.false_negative, costs.false_positive, costs.false_negative, costs.false_positive]


@dataclass(slots=True)
class BandTally:
    """What is counted of one band; `low` and `high` are its ends, None for a category or an open end."""

    word: str
    low: float | None = None
    high: float | None = None
    count: int = 0
    approved: int = 0
    observed: int = 0
    defaults: int = 0
    probability: float = 0.0
    cost: float = 0.0
    amount: float = 0.0
    with_amount: int = 0

    @property
    def known(self) -> bool:
        """Whether it is a band, and not what is left over."""
        return self.word != "unknown"

    @property
    def approval(self) -> tuple[float, float, float]:
        """The approval rate and its interval, NaN where too few are counted."""
        return _rate(self.approved, self.count)

    @property
    def default(self) -> tuple[float, float, float]:
        """The default rate among those whose outcome is known, and its interval."""
        return _rate(self.defaults, self.observed)

    def add(self, count: int, approved: int, observed: int, defaults: int, probability: float, cost: float) -> None:
        self.count += count
        self.approved += approved
        self.observed += observed
        self.defaults += defaults
        self.probability += probability
        self.cost += cost

    def document(self) -> dict[str, Any]:
        """Return the band as the API tells it."""
        approval, default = self.approval, self.default
        few = self.count < FEWEST
        return {
            "band": self.word,
            "from": self.low,
            "to": self.high,
            "count": self.count,
            "approved": None if few else self.approved,
            "approval_rate": shown(approval[0]),
            "approval_low": shown(approval[1]),
            "approval_high": shown(approval[2]),
            "observed": self.observed,
            "defaults": None if self.observed < FEWEST else self.defaults,
            "default_rate": shown(default[0]),
            "default_low": shown(default[1]),
            "default_high": shown(default[2]),
            "mean_probability": None if few else shown(self.probability / self.count),
            "amount": None if few or not self.with_amount else round(self.amount / self.with_amount),
            "expected_cost": None if few else round(self.cost, 2),
        }


@dataclass(frozen=True, slots=True)
class ThemeTally:
    """A theme's bands in their order; what is unknown comes last, where there is any."""

    theme: Theme
    bands: list[BandTally] = field(default_factory=list)

    @property
    def known(self) -> list[BandTally]:
        return [band for band in self.bands if band.known]


def count_theme(counts: PortfolioCounts, name: str, wanted: PortfolioFilter, costs: Costs) -> ThemeTally:
    """Return one theme under a filter."""
    theme = THEMES[name]
    condition, values = wanted.condition()
    question = _QUESTION.format(theme=name, condition=condition)
    rows = counts.ask(question, [*cost_values(costs), *values], wanted.source)
    shown_bands = _bands(theme)
    amounts = THEMES["amount"]
    for stored, amount, *figures in rows:
        band = shown_bands[_shown(theme, stored)]
        band.add(*figures)
        if amount != UNKNOWN:
            band.amount += middle(amounts, amount) * figures[0]
            band.with_amount += figures[0]
    kept = [band for place, band in shown_bands.items() if band.count or place not in (NOT_EMPLOYED, UNKNOWN)]
    return ThemeTally(theme, kept)


def _shown(theme: Theme, stored: int) -> int:
    """Return the place of the shown band in which a stored one lies."""
    if stored in (UNKNOWN, NOT_EMPLOYED) or not theme.ordered:
        return stored
    return sum(edge <= theme.edges[stored] for edge in theme.shown) - 1


def _bands(theme: Theme) -> dict[int, BandTally]:
    if theme.ordered:
        ends: Sequence[float | None] = (*theme.shown[1:], None)
        made = {
            place: BandTally(_span(low, high), low, high)
            for place, (low, high) in enumerate(zip(theme.shown, ends, strict=True))
        }
    else:
        made = {place: BandTally(word) for place, word in enumerate(theme.words)}
    if theme.name == "seniority":
        made[NOT_EMPLOYED] = BandTally("not employed")
    made[UNKNOWN] = BandTally("unknown")
    return made


def _span(low: float, high: float | None) -> str:
    return f"{low:.0f}+" if high is None else f"{low:.0f}-{high:.0f}"


def _rate(part: int, n: int) -> tuple[float, float, float]:
    if n < FEWEST:
        return math.nan, math.nan, math.nan
    low, high = wilson_interval(np.array(part), np.array(n))
    return part / n, float(low), float(high)


def shown(value: float, digits: int = 6) -> float | None:
    """Return a number as JSON can tell it: None for NaN."""
    return None if math.isnan(value) else round(value, digits)
