"""A tree in the order of the kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.treeshap.models import Floats
from treeshap.model_text import parse
from treeshap.plan import gauss, plan_tree, radau


def test_parents_come_first_and_tips_last(booster: Any) -> None:
    """Each split stands behind its parent, splits with two leaves behind all others, and A is a split where one is."""
    for tree in parse(booster.model_to_string()).trees:
        plan = plan_tree(tree)
        size = len(plan.slots)
        assert all(plan.edge[n] // 2 < n for n in range(1, size))
        assert (plan.a[: plan.inner] >= 0).all()
        assert (plan.a[plan.inner :] < 0).all()
        assert (plan.b[plan.inner :] < 0).all()
        for n in range(1, size):
            parent, side = divmod(int(plan.edge[n]), 2)
            assert (plan.b if side else plan.a)[parent] == n


def test_the_gap_is_between_the_childrens_means(booster: Any) -> None:
    """Where nothing is known the root's mean is its leaves' mean by training rows."""
    for tree in parse(booster.model_to_string()).trees:
        plan = plan_tree(tree)
        mean: Floats = np.zeros(len(plan.slots))
        for n in reversed(range(len(plan.slots))):
            low = mean[plan.b[n]] if plan.b[n] >= 0 else plan.value_b[n]
            mean[n] = low + plan.share[n] * plan.gap[n]
        assert mean[0] == pytest.approx(np.average(tree.value, weights=tree.leaf_count), abs=1e-12)


@pytest.mark.parametrize("k", [1, 2, 3, 5, 8, 16])
def test_quadratures_are_exact_to_their_degree(k: int) -> None:
    """The integral of t^d over [0, 1] is 1 / (d + 1): by Gauss to degree 2 k - 1, by Radau, its node at 0, to 2 k."""
    t, weight = gauss(k)
    for degree in range(2 * k):
        assert (weight * t**degree).sum() == pytest.approx(1 / (degree + 1), rel=1e-12)
    t, weight, at_zero = radau(k)
    for degree in range(2 * k + 1):
        found = (weight * t**degree).sum() + (at_zero if degree == 0 else 0.0)
        assert found == pytest.approx(1 / (degree + 1), rel=1e-12)
