"""The threshold's uncertainty, the worth of a review band, and two objectives on the same rows."""

import numpy as np
import pytest

from credit.policy import Costs
from training.evaluation.policy import (
    Reviewer,
    Scored,
    compare_objectives,
    nested_thresholds,
    review_curve,
    threshold_interval,
)
from training.fit.calibrate import choose_policy, fold_optima
from training.fit.profit import LoanValues


def scored(n: int = 4_000, seed: int = 0) -> Scored:
    rng = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-rng.normal(-2.8, 1.0, n)))
    return Scored((rng.random(n) < p).astype(float), p, np.arange(n) % 5)


@pytest.fixture(scope="module")
def rows() -> Scored:
    return scored()


def test_the_threshold_s_interval_holds_it_and_narrows_with_rows(rows: Scored) -> None:
    """It is the policy's own threshold; eight times the rows leave less of it open."""
    found = threshold_interval(rows, Costs())
    assert found.value == choose_policy(rows.probability, rows.y, rows.fold, Costs(), 0.1).policy.threshold
    assert found.low < found.value < found.high
    few = threshold_interval(rows.of(np.arange(500)), Costs())
    assert few.high - few.low > found.high - found.low


def test_no_row_chooses_its_own_threshold(rows: Scored) -> None:
    """Turning round all labels of a fold moves the others' thresholds and not its own."""
    held = rows.fold == 2
    turned = Scored(np.where(held, 1 - rows.y, rows.y), rows.probability, rows.fold)
    before, after = nested_thresholds(rows, Costs()), nested_thresholds(turned, Costs())
    assert (before[held] == after[held]).all()
    assert (before[~held] != after[~held]).all()
    others = rows.of(~held)
    assert before[held][0] == pytest.approx(np.mean(fold_optima(others.probability, others.y, others.fold, Costs())))


def test_a_band_costs_what_its_reviewer_makes_of_it(rows: Scored) -> None:
    """One who is always right and free saves more with each share; one who is always wrong costs more."""
    right = review_curve(rows, Costs(), Reviewer(0.0, 1.0))
    assert [point.saved.value for point in right] == sorted(point.saved.value for point in right)
    assert right[0].saved.value == right[0].referred == 0
    assert np.isnan(right[0].break_even)
    assert all(point.saved.low > 0 for point in right[1:])
    assert all(point.referred == pytest.approx(point.share, abs=0.02) for point in right)
    wrong = review_curve(rows, Costs(), Reviewer(0.0, 0.0))
    assert all(point.saved.high < 0 for point in wrong[1:])


def test_the_break_even_accuracy_saves_nothing(rows: Scored) -> None:
    """With that accuracy a band costs what automatic decisions cost; a dearer review asks for a better reviewer."""
    (point,) = review_curve(rows, Costs(), Reviewer(0.2, 0.7), [0.1])
    (even,) = review_curve(rows, Costs(), Reviewer(0.2, point.break_even), [0.1])
    assert even.saved.value == pytest.approx(0, abs=1e-12)
    assert even.saved.low < 0 < even.saved.high
    (cheap,) = review_curve(rows, Costs(), Reviewer(0.1, 0.7), [0.1])
    assert 0 < cheap.break_even < point.break_even < 1


def test_each_objective_is_best_by_its_own_figure() -> None:
    """Where gains are many times what the costs suppose, profit approves more, earns more and costs more."""
    rows = scored(8_000, seed=3)
    found = compare_objectives(rows, Costs(), LoanValues(np.full(8_000, 10.0), np.full(8_000, 20.0)))
    assert found.by_profit.approved > found.by_cost.approved
    assert found.profit_difference.low > 0
    assert found.cost_difference.low > 0
    assert found.profit_difference.value == pytest.approx(found.by_profit.profit.value - found.by_cost.profit.value)


def test_objectives_that_agree_differ_in_nothing(rows: Scored) -> None:
    """Values in the ratio of the costs lead to the same decisions, and to differences of exactly 0."""
    n = len(rows.y)
    found = compare_objectives(rows, Costs(), LoanValues(np.full(n, 3.0), np.full(n, 30.0)))
    assert found.by_profit.approved == found.by_cost.approved
    assert (found.cost_difference.low, found.cost_difference.high) == (0, 0)
