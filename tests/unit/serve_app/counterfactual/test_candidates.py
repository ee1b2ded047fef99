"""Applications under plans: every one of them obeys the constraints."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.application import FloatArray
from credit.features.actionable import ACTIONABLE, MOST_OF_INCOME, SPEED_OF_REPAYMENT
from credit.schema import APPLICATION_COLUMNS, COLUMN_INDEX
from serve_app.counterfactual.candidates import Candidates, rounded
from serve_app.counterfactual.grid import plan_grid
from tests.fixtures.loans import loans

AMOUNT = st.floats(min_value=1.0, max_value=1e9, allow_nan=False)
MAYBE = st.one_of(st.just(float("nan")), AMOUNT)
FLAG = st.sampled_from([0.0, 1.0, float("nan")])


def column(values: FloatArray, name: str) -> FloatArray:
    return np.asarray(values[..., COLUMN_INDEX[name]])


@st.composite
def applications(draw: st.DrawFn) -> FloatArray:
    """Return an application with any figures in what can move, some missing."""
    before = loans(1, seed=draw(st.integers(0, 5))).values[0].copy()
    for name in ACTIONABLE:
        if name == "DAYS_REGISTRATION":
            before[COLUMN_INDEX[name]] = draw(st.sampled_from([-4000.0, 0.0, float("nan")]))
        elif name.startswith("AMT_"):
            required = name in ("AMT_CREDIT", "AMT_INCOME_TOTAL")
            before[COLUMN_INDEX[name]] = draw(AMOUNT if required else MAYBE)
        else:
            before[COLUMN_INDEX[name]] = draw(FLAG)
    before[COLUMN_INDEX["LIVE_CITY_NOT_WORK_CITY"]] = draw(FLAG)
    return before


@given(applications())
@settings(max_examples=30)
def test_every_candidate_obeys_the_constraints(before: FloatArray) -> None:
    """Whatever was applied with: nothing moves but what may, no way but its own, and never beyond its bounds."""
    candidates = Candidates.of(before, plan_grid())
    after = candidates.values(candidates.open[:: max(1, len(candidates) // 300)])
    for i, c in enumerate(APPLICATION_COLUMNS):
        moved = {float(v) for v in after[:, i]} if not np.isnan(before[i]) else set()
        if c.name not in ACTIONABLE:
            assert np.array_equal(after[:, i], np.full(len(after), before[i]), equal_nan=True)
        elif np.isnan(before[i]):
            assert np.isnan(after[:, i]).all()
        else:
            assert all(ACTIONABLE[c.name].allows(float(before[i]), value) for value in moved), c.name


def test_what_is_protected_never_moves() -> None:
    """Age, gender and family are in every candidate as they were in the application."""
    before = loans(1).values[0]
    candidates = Candidates.of(before, plan_grid())
    after = candidates.values(candidates.open)
    for name in ("DAYS_BIRTH", "CODE_GENDER", "CNT_CHILDREN", "CNT_FAM_MEMBERS", "NAME_FAMILY_STATUS"):
        assert np.array_equal(column(after, name), np.full(len(after), column(before, name)), equal_nan=True)


def test_every_plan_changes_something_and_no_two_are_the_same() -> None:
    """A plan that would change nothing is not open, and each open plan is another application."""
    before = loans(1).values[0]
    candidates = Candidates.of(before, plan_grid())
    after = candidates.values(candidates.open)
    assert len(candidates) > 1000
    assert len(np.unique(np.nan_to_num(after, nan=-1.0), axis=0)) == len(after)
    assert not (np.nan_to_num(after) == np.nan_to_num(before)).all(axis=1).any()


def test_credit_payments_and_price_move_together() -> None:
    """Payments keep their ratio to the credit unless the term moves, and only then leave it, within what is lent."""
    before = loans(1).values[0]
    grid = plan_grid()
    candidates = Candidates.of(before, grid)
    after, plans = candidates.values(candidates.open), grid.plans[candidates.open]
    speed = column(after, "AMT_ANNUITY") / column(after, "AMT_CREDIT")
    was = column(before, "AMT_ANNUITY") / column(before, "AMT_CREDIT")
    same_term = plans[:, grid.place["term"]] == 0
    assert np.allclose(speed[same_term], was, rtol=2e-3)
    assert (np.abs(speed[~same_term] / was - 1) > 0.03).all()
    lowest, highest = SPEED_OF_REPAYMENT
    assert ((speed[~same_term] >= lowest) & (speed[~same_term] <= highest)).all()
    higher = column(after, "AMT_ANNUITY") > column(before, "AMT_ANNUITY")
    assert (column(after, "AMT_ANNUITY")[higher] <= MOST_OF_INCOME * column(after, "AMT_INCOME_TOTAL")[higher]).all()
    cheaper = column(after, "AMT_GOODS_PRICE") < column(before, "AMT_GOODS_PRICE")
    share = column(after, "AMT_CREDIT") / column(before, "AMT_CREDIT")
    assert np.allclose(
        column(after, "AMT_GOODS_PRICE")[cheaper] / column(before, "AMT_GOODS_PRICE"), share[cheaper], 0.02
    )


def test_a_new_registration_counts_from_today() -> None:
    """Who registers where they live has no other address any more, works where that is, and registered just now."""
    before = loans(1).values[0].copy()
    for name, value in {
        "REG_CITY_NOT_LIVE_CITY": 1.0,
        "REG_CITY_NOT_WORK_CITY": 1.0,
        "LIVE_CITY_NOT_WORK_CITY": 0.0,
    }.items():
        before[COLUMN_INDEX[name]] = value
    grid = plan_grid()
    candidates = Candidates.of(before, grid)
    rows = grid.plans[candidates.open][:, grid.place["registration"]] > 0
    after = candidates.values(candidates.open[rows])
    assert len(after) > 100
    assert (column(after, "REG_CITY_NOT_LIVE_CITY") == 0).all()
    assert (column(after, "REG_CITY_NOT_WORK_CITY") == 0).all()
    assert (column(after, "DAYS_REGISTRATION") == 0).all()


def test_what_does_not_fit_the_applicant_is_not_open() -> None:
    """No work phone without work, no term and no own means for a revolving loan."""
    before = loans(1).values[0].copy()
    before[COLUMN_INDEX["DAYS_EMPLOYED"]] = 365243.0
    before[COLUMN_INDEX["FLAG_WORK_PHONE"]] = 0.0
    before[COLUMN_INDEX["NAME_CONTRACT_TYPE"]] = 1.0
    grid = plan_grid()
    candidates = Candidates.of(before, grid)
    names = {level.move.name for plan in candidates.open.tolist() for level in grid.moves(plan)}
    assert names & {"borrow_less", "prove_more_income"} == {"borrow_less", "prove_more_income"}
    assert not names & {"give_work_phone", "longer_term", "shorter_term", "pay_part_yourself"}


@pytest.mark.parametrize(
    ("value", "before", "digits", "expected"),
    [
        (475_000.0, 500_000.0, 3, 475_000.0),
        (1_228_827.4, 1_293_502.5, 3, 1_230_000.0),
        (157_500.0, 150_000.0, 3, 157_000.0),
    ],
)
def test_amounts_are_round_and_never_beyond(value: float, before: float, digits: int, expected: float) -> None:
    """A round figure lies between the exact one and the one before."""
    assert float(rounded(value, before, digits)) == expected
