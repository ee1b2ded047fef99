"""One application under the plans that are open to it: the columns as they would be sent."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from credit.features.actionable import ACTIONABLE, MOST_OF_INCOME, SPEED_OF_REPAYMENT
from credit.schema import APPLICATION_COLUMNS, COLUMN_INDEX
from serve_app.counterfactual.grid import Level, PlanGrid

# Amounts are told in round figures; payments, which follow from them, a digit finer.
_AMOUNT_DIGITS, _PAYMENT_DIGITS = 3, 4
_REVOLVING = float(APPLICATION_COLUMNS[COLUMN_INDEX["NAME_CONTRACT_TYPE"]].codes.index("Revolving loans"))
_SAME = 1e-9


def rounded(value: FloatArray | float, before: float, digits: int) -> FloatArray:
    """Round to so many digits towards the value before, so that no bound is passed by rounding."""
    value = np.asarray(value, dtype=np.float64)
    with np.errstate(all="ignore"):
        unit = 10.0 ** (np.floor(np.log10(value)) - digits + 1)
        # A hair within, or 0.95 of a round figure would be taken for a little more than it is.
        up, down = np.ceil(value / unit - _SAME) * unit, np.floor(value / unit + _SAME) * unit
    result = np.where(value < before, np.minimum(up, before), np.maximum(down, before))
    return np.where(value == before, before, result)


@dataclass(frozen=True)
class Candidates:
    """What an application becomes under each plan that is open to it.

    before: float64[columns], as applied with; grid: all plans; open: int64[k], those that are open, cheapest first.
    """

    before: FloatArray
    grid: PlanGrid
    open: IntArray

    @staticmethod
    def of(before: FloatArray, grid: PlanGrid) -> Candidates:
        """Return the candidates of one application, float64[columns] as `credit.schema` encodes it."""
        usable = np.ones(len(grid.plans), dtype=np.bool_)
        for column, levels in enumerate(grid.levels):
            known = np.array([True, *(_can(before, level) for level in levels)])
            usable &= known[grid.plans[:, column]]
        plans = np.flatnonzero(usable)
        every = Candidates(before, grid, plans)
        return Candidates(before, grid, plans[_lendable(before, every.values(plans), grid.plans[plans], grid)])

    def __len__(self) -> int:
        return len(self.open)

    def values(self, plans: IntArray) -> FloatArray:
        """Return the application under n plans: float64[n, columns]."""
        grid, before = self.grid, self.before
        result = np.tile(before, (len(plans), 1))
        chosen = {name: grid.plans[plans, place] for name, place in grid.place.items()}
        for name, place in grid.place.items():
            if name not in ("amount", "term"):
                for level in grid.levels[place]:
                    _set(result, chosen[name] == level.place, before, level)
        _set_loan(result, before, chosen.get("amount"), chosen.get("term"), grid)
        return result


def _at(values: FloatArray, name: str) -> float:
    return float(values[COLUMN_INDEX[name]])


def _can(before: FloatArray, level: Level) -> bool:
    """Tell whether a move is open to this application and would change it."""
    name = level.move.name
    if name == "register_where_you_live":
        return _at(before, "REG_REGION_NOT_LIVE_REGION") == 1 or _at(before, "REG_CITY_NOT_LIVE_CITY") == 1
    if name == "give_work_phone" and not _at(before, "DAYS_EMPLOYED") < 0:
        return False  # without an employer there is none; 365243 days stand for that
    if math.isnan(level.factor):
        return all(_at(before, column) == 0 for column in level.move.columns)
    if name in ("longer_term", "shorter_term", "pay_part_yourself"):
        # A revolving loan has one speed of repayment, and pays for no goods.
        if _at(before, "NAME_CONTRACT_TYPE") == _REVOLVING:
            return False
        if name == "pay_part_yourself" and math.isnan(_at(before, "AMT_GOODS_PRICE")):
            return False
    moving = _at(before, level.move.columns[0])
    digits = _PAYMENT_DIGITS if level.move.lever == "term" else _AMOUNT_DIGITS
    return moving > 0 and float(rounded(moving * level.factor, moving, digits)) != moving


def _lendable(before: FloatArray, after: FloatArray, plans: npt.NDArray[np.int16], grid: PlanGrid) -> IntArray:
    """Return the rows whose loan the bank would lend: the term within its bounds, higher payments within the income."""
    credit, annuity = after[:, COLUMN_INDEX["AMT_CREDIT"]], after[:, COLUMN_INDEX["AMT_ANNUITY"]]
    income = after[:, COLUMN_INDEX["AMT_INCOME_TOTAL"]]
    lowest, highest = SPEED_OF_REPAYMENT
    fits = np.ones(len(after), dtype=np.bool_)
    if "term" in grid.place:
        moved = plans[:, grid.place["term"]] > 0
        fits = ~moved | ((annuity >= lowest * credit) & (annuity <= highest * credit))
    higher = annuity > _at(before, "AMT_ANNUITY")
    fits &= ~higher | (annuity <= MOST_OF_INCOME * income)
    bounds = ACTIONABLE["AMT_ANNUITY"]
    paid = _at(before, "AMT_ANNUITY")
    # What is missing compares as false and is left alone.
    fits &= ~((annuity < bounds.lowest * paid) | (annuity > bounds.highest * paid))
    return np.flatnonzero(fits)


def _set(result: FloatArray, rows: npt.NDArray[np.bool_], before: FloatArray, level: Level) -> None:
    if level.move.name == "register_where_you_live":
        after = {"DAYS_REGISTRATION": 0.0}
        for area in ("REGION", "CITY"):
            after[f"REG_{area}_NOT_LIVE_{area}"] = 0.0
            after[f"REG_{area}_NOT_WORK_{area}"] = _at(before, f"LIVE_{area}_NOT_WORK_{area}")
        for column, value in after.items():
            if not math.isnan(_at(before, column)) and not math.isnan(value):
                result[rows, COLUMN_INDEX[column]] = value
        return
    for column in level.move.columns:
        was = _at(before, column)
        done = math.isnan(level.factor)
        result[rows, COLUMN_INDEX[column]] = 1.0 if done else rounded(was * level.factor, was, _AMOUNT_DIGITS)


def _set_loan(
    result: FloatArray,
    before: FloatArray,
    amount: npt.NDArray[np.int16] | None,
    term: npt.NDArray[np.int16] | None,
    grid: PlanGrid,
) -> None:
    """Set credit, goods and payments together: payments keep their ratio to the credit, but for the term."""
    credit, goods, annuity = (_at(before, name) for name in ("AMT_CREDIT", "AMT_GOODS_PRICE", "AMT_ANNUITY"))
    new_credit, speed = np.full(len(result), credit), np.ones(len(result))
    if amount is not None:
        for level in grid.levels[grid.place["amount"]]:
            rows = amount == level.place
            new_credit[rows] = rounded(credit * level.factor, credit, _AMOUNT_DIGITS)
            if "AMT_GOODS_PRICE" in level.move.columns:
                result[rows, COLUMN_INDEX["AMT_GOODS_PRICE"]] = rounded(goods * level.factor, goods, _AMOUNT_DIGITS)
        result[:, COLUMN_INDEX["AMT_CREDIT"]] = new_credit
    if term is not None:
        factors = np.array([1.0, *(level.factor for level in grid.levels[grid.place["term"]])])
        speed = factors[term]
    share = new_credit / credit if credit > 0 else np.ones(len(result))
    moved = (share != 1.0) | (speed != 1.0)
    result[moved, COLUMN_INDEX["AMT_ANNUITY"]] = rounded(annuity * share * speed, annuity, _PAYMENT_DIGITS)[moved]
