"""A challenger's approvals beside the champion's."""

from __future__ import annotations

import numpy as np
import pytest

from monitoring.outcomes.swap import swap
from tests.fixtures.audited import POLICY


def test_a_swap_set_is_what_only_one_of_two_models_approves() -> None:
    """Shares count who changes sides; at an equal approval rate the better ranking costs less."""
    both = swap(
        np.array([0.05, 0.2, 0.05, 0.3]), np.array([0.2, 0.05, 0.04, 0.3]), POLICY, POLICY, np.array([1, 0, 0, 1.0])
    )
    assert (both.swapped_in, both.swapped_out) == (0.25, 0.25)
    assert both.cost == pytest.approx((10 + 1) / 4)
    assert both.challenger_cost == 0.0


def test_without_applications_or_outcomes_nothing_is_claimed() -> None:
    """No applications give no shares, no outcomes no costs."""
    nothing = swap(np.empty(0), np.empty(0), POLICY, POLICY, None)
    assert nothing.n == 0
    assert np.isnan(nothing.swapped_in)
    unknown = swap(np.array([0.05]), np.array([0.2]), POLICY, POLICY, None)
    assert (unknown.swapped_in, unknown.swapped_out) == (0.0, 1.0)
    assert np.isnan(unknown.cost)
