"""Tables of small trees."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.treeshap.models import reference, train
from treeshap.model_text import parse
from treeshap.plan import plan_tree
from treeshap.tables import evaluate, tabulate


@pytest.mark.parametrize("leaves", [2, 4, 7])
def test_every_outcome_adds_up(leaves: int) -> None:
    """Contributions and the tree's value differ by one number, the expected value, whatever the splits say."""
    X = np.random.default_rng(leaves).normal(size=(300, 3))
    booster = train(X, X[:, 0] * X[:, 1] + X[:, 2], 1, num_leaves=leaves)
    phi, value = tabulate(plan_tree(parse(booster.model_to_string()).trees[0]))
    assert phi.shape == (2 ** (leaves - 1), leaves - 1)
    expected = reference(booster, X[:1])[0, -1]
    assert value - phi.sum(axis=1) == pytest.approx(expected, abs=1e-12)


def test_the_quadrature_in_numpy_is_pred_contrib() -> None:
    """The formulas of docs/explaining.md, without kernels, give LightGBM's own numbers on a larger tree too."""
    X = np.random.default_rng(5).normal(size=(400, 4))
    booster = train(X, X[:, 0] * X[:, 1] + X[:, 2] * X[:, 3], 1, num_leaves=25)
    plan = plan_tree(parse(booster.model_to_string()).trees[0])
    at_most = np.column_stack([X[:, slot.feature] <= plan.threshold[n] for n, slot in enumerate(plan.slots)])
    phi, value = evaluate(plan, at_most)
    by_feature = np.zeros((len(X), 5))
    by_feature[:, 4] = reference(booster, X[:1])[0, -1]
    for n, slot in enumerate(plan.slots):
        by_feature[:, slot.feature] += phi[:, n]
    np.testing.assert_allclose(by_feature, reference(booster, X), rtol=0, atol=1e-12)
    np.testing.assert_allclose(value, booster.predict(X, raw_score=True), rtol=0, atol=1e-12)
