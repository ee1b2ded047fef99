"""Households as drawn."""

import numpy as np

from training.data.generation.draws import Columns
from training.data.generation.household import draw_household, draw_places


def test_a_household_agrees_with_itself() -> None:
    """A car has an age where there is a car; a family counts the applicant, the children, and a partner."""
    n = 5_000
    rng = np.random.default_rng(0)
    drawn: Columns = {}
    draw_household(rng, drawn, age=rng.uniform(21, 69, n), risk=rng.normal(size=n))
    assert np.isnan(drawn["OWN_CAR_AGE"]).tolist() == drawn["FLAG_OWN_CAR"].equals("N").tolist()
    status = drawn["NAME_FAMILY_STATUS"]
    partner = status.equals("Married") | status.equals("Civil marriage")
    assert (drawn["CNT_FAM_MEMBERS"] == 1 + drawn["CNT_CHILDREN"] + partner).all()


def test_risky_applicants_live_in_worse_regions() -> None:
    """Ratings are 1 to 3, and rise with the risk."""
    risk = np.random.default_rng(1).normal(size=20_000)
    drawn: Columns = {}
    draw_places(np.random.default_rng(0), drawn, risk)
    rating = drawn["REGION_RATING_CLIENT"]
    assert set(rating.tolist()) == {1, 2, 3}
    assert rating[risk > 1].mean() > rating[risk < -1].mean()
    assert drawn["HOUR_APPR_PROCESS_START"].min() >= 0
    assert drawn["HOUR_APPR_PROCESS_START"].max() <= 23
