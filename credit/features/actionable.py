"""What an applicant can do about an application, and how far: the constraints of every counterfactual.

It stands beside the catalog and not in it: what may be asked of an applicant is no part of what a model was trained on,
so it can change without a model being refused. A column that is not named here never moves. Amounts, payments and price
of the goods hang together, so they move by `MOVES`, which lenders and applicants would recognise, never one by one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

MoveName = Literal[
    "borrow_less",
    "pay_part_yourself",
    "longer_term",
    "shorter_term",
    "prove_more_income",
    "register_where_you_live",
    "give_work_phone",
    "give_home_phone",
    "give_email",
    "supply_document_3",
    "supply_document_6",
    "supply_document_8",
]


# What is forgiven at a bound: figures are rounded to decimal places, which no float holds exactly.
_HAIR = 1e-8


@dataclass(frozen=True, slots=True)
class ActionableColumn:
    """How one column may move.

    direction: -1 only down, +1 only up, 0 either way; lowest, highest: bounds of its new value, as factors of the old
    one where `relative`; description: what the applicant does about it.
    """

    name: str
    direction: Literal[-1, 0, 1]
    lowest: float
    highest: float
    relative: bool
    description: str

    def allows(self, before: float, after: float) -> bool:
        """Tell whether the column may go from one value to another; what is missing stays missing."""
        if math.isnan(before) or math.isnan(after):
            return math.isnan(before) and math.isnan(after)
        if (after - before) * self.direction < 0:
            return False
        unit = before if self.relative else 1.0
        hair = _HAIR * abs(unit)
        return after == before or self.lowest * unit - hair <= after <= self.highest * unit + hair


def _given(name: str, what: str) -> ActionableColumn:
    return ActionableColumn(name, 1, 0, 1, False, what)


ACTIONABLE: dict[str, ActionableColumn] = {
    column.name: column
    for column in (
        ActionableColumn("AMT_CREDIT", -1, 0.5, 1, True, "Borrow less, down to half"),
        ActionableColumn("AMT_GOODS_PRICE", -1, 0.5, 1, True, "Buy something cheaper, down to half the price"),
        ActionableColumn("AMT_ANNUITY", 0, 0.25, 1.3, True, "Payments follow the credit and the term"),
        ActionableColumn("AMT_INCOME_TOTAL", 1, 1, 1.3, True, "Prove more income, up to 30 % more"),
        ActionableColumn("REG_REGION_NOT_LIVE_REGION", -1, 0, 1, False, "Register where you live"),
        ActionableColumn("REG_CITY_NOT_LIVE_CITY", -1, 0, 1, False, "Register where you live"),
        ActionableColumn("REG_REGION_NOT_WORK_REGION", 0, 0, 1, False, "Follows the registration"),
        ActionableColumn("REG_CITY_NOT_WORK_CITY", 0, 0, 1, False, "Follows the registration"),
        ActionableColumn("DAYS_REGISTRATION", 1, 0, 0, False, "Becomes 0 with a new registration"),
        _given("FLAG_WORK_PHONE", "Give a phone number at work"),
        _given("FLAG_PHONE", "Give a phone number at home"),
        _given("FLAG_EMAIL", "Give an e-mail address"),
        _given("FLAG_DOCUMENT_3", "Supply document 3"),
        _given("FLAG_DOCUMENT_6", "Supply document 6"),
        _given("FLAG_DOCUMENT_8", "Supply document 8"),
    )
}

# Payments over credit, the speed of repayment, that the term may be moved to, and the part of the income that higher
# payments may take: the first to the ninety-ninth percentile of cash loans, and about the ninety-fifth of all loans,
# among 27,403 published applications.
SPEED_OF_REPAYMENT = (0.026, 0.115)
MOST_OF_INCOME = 0.35
# What every further change adds to the cost, whatever it is: one large change is easier to plan than three small ones.
COST_OF_A_CHANGE = 0.1
# Nobody plans more than this at once.
MOST_CHANGES = 3


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that an applicant can do, in steps.

    lever: moves of one lever exclude each other; columns: what moves together; factors: by how much, one a step, or one
    NaN for what is done or not; spread, weight: a step costs weight * |ln factor| / spread, or weight where it has no
    factor. Spreads are 1.4826 times the median absolute deviation of the logarithm among 27,403 published
    applications; weights say how much harder a move is than borrowing less, and are a judgement.
    """

    name: MoveName
    lever: str
    columns: tuple[str, ...]
    factors: tuple[float, ...] = (math.nan,)
    spread: float = 1.0
    weight: float = 1.0

    @property
    def costs(self) -> tuple[float, ...]:
        """The cost of each step."""
        return tuple(
            COST_OF_A_CHANGE + self.weight * (1.0 if math.isnan(f) else abs(math.log(f)) / self.spread)
            for f in self.factors
        )


def _factors(step: float, count: int) -> tuple[float, ...]:
    return tuple(round(1 + step * i, 6) for i in range(1, count + 1))


_LOAN = ("AMT_CREDIT", "AMT_GOODS_PRICE", "AMT_ANNUITY")
_OWN_MEANS = ("AMT_CREDIT", "AMT_ANNUITY")
_REGISTRATION = (
    "REG_REGION_NOT_LIVE_REGION",
    "REG_CITY_NOT_LIVE_CITY",
    "REG_REGION_NOT_WORK_REGION",
    "REG_CITY_NOT_WORK_CITY",
    "DAYS_REGISTRATION",
)

MOVES: tuple[Move, ...] = (
    Move("borrow_less", "amount", _LOAN, _factors(-0.025, 20), 0.83),
    Move("pay_part_yourself", "amount", _OWN_MEANS, _factors(-0.025, 20), 0.83, 1.5),
    Move("longer_term", "term", ("AMT_ANNUITY",), _factors(-0.05, 10), 0.40),
    Move("shorter_term", "term", ("AMT_ANNUITY",), _factors(0.05, 6), 0.40),
    Move("prove_more_income", "income", ("AMT_INCOME_TOTAL",), _factors(0.05, 6), 0.51, 2.0),
    Move("register_where_you_live", "registration", _REGISTRATION, weight=0.5),
    Move("give_work_phone", "work_phone", ("FLAG_WORK_PHONE",), weight=0.2),
    Move("give_home_phone", "home_phone", ("FLAG_PHONE",), weight=0.2),
    Move("give_email", "email", ("FLAG_EMAIL",), weight=0.2),
    Move("supply_document_3", "document_3", ("FLAG_DOCUMENT_3",), weight=0.2),
    Move("supply_document_6", "document_6", ("FLAG_DOCUMENT_6",), weight=0.2),
    Move("supply_document_8", "document_8", ("FLAG_DOCUMENT_8",), weight=0.2),
)
