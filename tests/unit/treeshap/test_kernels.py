"""TreeShap equals LightGBM's pred_contrib to 1e-10, whatever the model and the row.

LOANSTREAM_TREESHAP_EXAMPLES sets how many models hypothesis draws (120 unless told; thousands for a night).
"""

from __future__ import annotations

import os
import re
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from tests.unit.treeshap.models import (
    Floats,
    edited,
    rational,
    reference,
    strange_rows,
    table,
    train,
    written,
)
from treeshap import TreeShap
from treeshap.model_text import parse
from treeshap.plan import plan_tree

EXAMPLES = int(os.environ.get("LOANSTREAM_TREESHAP_EXAMPLES", "120"))
many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == 120,
    suppress_health_check=list(HealthCheck),
    database=None,
)


def assert_exact(booster: Any, X: Floats) -> None:
    """Compare all ways through the kernels: many rows in lanes, few rows, single rows, raw scores."""
    shap = TreeShap(booster)
    expected = reference(booster, X)
    raw = booster.predict(X, raw_score=True, num_threads=1)
    found = shap.contributions(X)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.sum(axis=1), raw, rtol=0, atol=1e-9)
    for i in range(min(len(X), 5)):
        np.testing.assert_allclose(shap.contributions(X[i : i + 1]), expected[i : i + 1], rtol=0, atol=1e-10)
    np.testing.assert_allclose(shap.contributions(X[:2]), expected[:2], rtol=0, atol=1e-10)
    np.testing.assert_allclose(shap.raw_scores(X), raw, rtol=0, atol=1e-9)


@many
@given(
    seed=st.integers(0, 2**32 - 1),
    leaves=st.sampled_from([2, 3, 5, 6, 8, 9, 16, 31, 64]),
    depth=st.sampled_from([-1, 1, 2, 3, 6]),
    rounds=st.integers(1, 7),
    numbers=st.integers(1, 24),
    categories=st.integers(0, 3),
    missing=st.sampled_from([0.0, 0.1, 0.5]),
    params=st.fixed_dictionaries(
        {
            "objective": st.sampled_from(["regression", "binary", "l1", "huber", "cross_entropy"]),
            "boosting": st.sampled_from(["gbdt", "gbdt", "dart"]),
            "use_missing": st.booleans(),
            "zero_as_missing": st.booleans(),
            "max_cat_to_onehot": st.sampled_from([1, 4, 100]),
            "feature_fraction": st.sampled_from([0.4, 1.0]),
            "bagging_fraction": st.sampled_from([0.5, 1.0]),
            "extra_trees": st.booleans(),
        }
    ),
    weighted=st.booleans(),
)
def test_any_model_any_row(
    seed: int,
    leaves: int,
    depth: int,
    rounds: int,
    numbers: int,
    categories: int,
    missing: float,
    params: Any,
    weighted: bool,
) -> None:
    """Random models on random rows with NaN, infinities, near-zeros, thresholds and unseen categories are exact."""
    rng = np.random.default_rng(seed)
    X = table(rng, int(rng.integers(30, 300)), numbers, categories, missing, zeros=0.2)
    y = (rng.normal(size=len(X)) + np.nan_to_num(X[:, 0]) > 0).astype(float)
    try:
        booster = train(
            X, y, rounds, categories=tuple(range(numbers, numbers + categories)),
            weight=rng.random(len(X)) + 0.1 if weighted else None, num_leaves=leaves, max_depth=depth, bagging_freq=1,
            seed=seed % 2**31, min_data_per_group=1, cat_smooth=1.0, **params,
        )  # fmt: skip
    except lgb.basic.LightGBMError:  # it fails its own checks on some tiny tables
        reject()
    assert_exact(booster, strange_rows(rng, X, 19, numbers, booster))


@many
@given(
    seed=st.integers(0, 2**32 - 1),
    leaves=st.lists(st.integers(1, 60), min_size=1, max_size=8),
    features=st.integers(1, 18),
    chain=st.sampled_from([0.0, 0.5, 0.95, 1.0]),
)
def test_any_tree(seed: int, leaves: list[int], features: int, chain: float) -> None:
    """Trees of any shape, cover and missing type are exact, those included that training would not grow.

    Up to 18 features: past that pred_contrib, the reference here, is not always good to 1e-10 itself.
    """
    rng = np.random.default_rng(seed)
    X = rng.choice([-2.0, -1.0, -1e-36, 0.0, 1e-35, 0.5, 3.0, np.nan, np.inf, -np.inf], size=(18, features))
    assert_exact(written(rng, leaves, features, chain), X)


@pytest.mark.parametrize("distinct", [9, 15, 16, 17, 18, 20])
def test_more_distinct_features_than_a_vector_has_lanes(distinct: int) -> None:
    """Paths with more than 16 distinct features are exact: more nodes than lanes, for rows and in lanes."""
    rng = np.random.default_rng(distinct)
    booster = written(rng, [distinct + 1, 12, distinct + 1], distinct, chain=1.0)
    assert max(plan_tree(tree).distinct for tree in parse(booster.model_to_string()).trees) == distinct
    assert_exact(booster, rng.choice([-1.5, 0.0, 1.0, np.nan, np.inf], size=(21, distinct)))


@pytest.mark.parametrize(("seed", "leaves", "distinct"), [(0, 41, 32), (2, 30, 24)])
def test_closer_to_the_definition_than_pred_contrib(seed: int, leaves: int, distinct: int) -> None:
    """On very deep paths, where pred_contrib itself loses digits (4e-9 in the first case), TreeShap keeps 1e-13."""
    rng = np.random.default_rng(seed)
    booster = written(rng, [leaves], distinct, chain=1.0)
    X = np.repeat(rng.choice([-2.0, -1.0, 0.0, 0.5, 3.0, np.nan, np.inf], size=(1, distinct)), 4, axis=0)
    exact = rational(parse(booster.model_to_string()).trees[0], X[0])
    shap = TreeShap(booster)
    np.testing.assert_allclose(shap.contributions(X)[3, :-1], exact, rtol=0, atol=1e-13)
    np.testing.assert_allclose(shap.contributions(X[:1])[0, :-1], exact, rtol=0, atol=1e-13)


def test_one_feature_split_again_and_again() -> None:
    """A feature that repeats down a path of 255 leaves counts once, with the product of its shares."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(600, 2))
    booster = train(X, np.sin(9 * X[:, 0]) + 0.1 * X[:, 1], 3, num_leaves=255)
    assert_exact(booster, np.vstack([X[:20], [[np.nan, np.inf]]]))


def test_trees_without_a_split() -> None:
    """A model of constants has no contributions but its expected value, and mixed with real trees it still adds up."""
    X = np.random.default_rng(2).normal(size=(40, 3))
    assert_exact(train(X, np.full(40, 2.5), 2), X)
    assert_exact(train(X, X[:, 0], 6, min_gain_to_split=3.0, learning_rate=0.5), X)
    constant = TreeShap(train(X, np.full(40, 2.5), 1)).contributions(X)
    np.testing.assert_array_equal(constant[:, :-1], 0.0)


def test_one_split() -> None:
    """A single tree with a single split is exact."""
    X = np.random.default_rng(3).normal(size=(40, 3))
    booster = train(X, (X[:, 1] > 0).astype(float), 1, num_leaves=2)
    assert_exact(booster, X)


def with_counts(booster: Any, change: Any) -> Any:
    """Return the booster with `change(kind, counts)` for every list of counts in its text."""

    def replace(text: str) -> str:
        def line(match: re.Match[str]) -> str:
            counts = change(match[1], np.array(match[2].split(), dtype=np.int64))
            return f"{match[1]}={' '.join(map(str, counts))}"

        return re.sub(r"^(leaf_count|internal_count)=(.*)$", line, text, flags=re.MULTILINE)

    return edited(booster, replace)


def zero_cover(booster: Any, empty: int, scale: int, least: int) -> Any:
    """Return the booster as if `least` of `scale` times its rows had reached its first leaves, splits included."""

    def tree(match: re.Match[str]) -> str:
        block = match[0]
        left, right, leaf = (
            np.array(re.search(rf"^{key}=(.*)$", block, re.MULTILINE)[1].split(), dtype=np.int64)  # type: ignore[index]
            for key in ("left_child", "right_child", "leaf_count")
        )
        leaf *= scale
        leaf[:empty] = least
        count = np.zeros(left.size, np.int64)
        for n in reversed(range(left.size)):
            count[n] = sum(count[c] if c >= 0 else leaf[~c] for c in (left[n], right[n]))
        block = re.sub(r"^leaf_count=.*$", f"leaf_count={' '.join(map(str, leaf))}", block, flags=re.MULTILINE)
        return re.sub(r"^internal_count=.*$", f"internal_count={' '.join(map(str, count))}", block, flags=re.MULTILINE)

    return edited(booster, lambda text: re.sub(r"^Tree=\d+\n.*?^shrinkage", tree, text, flags=re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize(("leaves", "empty"), [(4, 1), (4, 2), (8, 1), (8, 4), (31, 1), (31, 2), (31, 12)])
def test_splits_that_no_training_row_reached(leaves: int, empty: int) -> None:
    """With zero-cover nodes TreeShap is finite, additive, and pred_contrib's where that is finite, else its limit."""
    rng = np.random.default_rng(leaves)
    X = table(rng, 200, 6, 0, 0.1, 0.1)
    trained = train(X, np.nan_to_num(X[:, 0] * X[:, 1] + X[:, 4]), 2, num_leaves=leaves)
    booster = zero_cover(trained, empty, 1, 0)
    shap, expected, raw = TreeShap(booster), reference(booster, X), booster.predict(X, raw_score=True)
    found = shap.contributions(X)
    assert np.isfinite(found).all()
    known = np.isfinite(expected)
    assert known[:, :-1].any()
    np.testing.assert_allclose(found[known], expected[known], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.sum(axis=1), raw, rtol=0, atol=1e-9)
    limit = reference(zero_cover(trained, empty, 1_000_000, 1), X)
    np.testing.assert_allclose(found, limit, rtol=0, atol=1e-4)
    singly = np.vstack([shap.contributions(X[i : i + 1]) for i in range(6)])
    np.testing.assert_allclose(singly, found[:6], rtol=0, atol=1e-12)


@pytest.mark.parametrize("leaves", [4, 8, 31])
def test_counts_that_do_not_add_up(leaves: int) -> None:
    """Where a split's count is not its children's sum (estimated counts), each child's share is its own count's."""
    rng = np.random.default_rng(leaves)
    X = table(rng, 200, 6, 0, 0.1, 0.1)
    booster = with_counts(
        train(X, np.nan_to_num(X[:, 0] * X[:, 1] + X[:, 4]), 4, num_leaves=leaves),
        lambda _, counts: counts + rng.integers(0, 4, size=counts.size),
    )
    shap, expected = TreeShap(booster), reference(booster, X)
    np.testing.assert_allclose(shap.contributions(X), expected, rtol=0, atol=1e-10)
    np.testing.assert_allclose(shap.contributions(X[:1]), expected[:1], rtol=0, atol=1e-10)


def test_shares_are_of_rows_not_of_weights() -> None:
    """LightGBM averages over training rows by their count, whatever their weights, and so does TreeShap."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(300, 4))
    weight = np.exp(3 * X[:, 0])
    booster = train(X, X[:, 0] + X[:, 1], 1, weight=weight, num_leaves=7)
    leaves = booster.trees_to_dataframe().query("decision_type.isna()")
    by_count = np.average(leaves["value"], weights=leaves["count"])
    by_weight = np.average(leaves["value"], weights=leaves["weight"])
    assert abs(by_count - by_weight) > 0.1
    assert TreeShap(booster).expected_value == pytest.approx(
        by_count, abs=1e-6
    )  # the data frame holds single precision
    assert_exact(booster, X)


def test_a_best_iteration_ends_the_model() -> None:
    """A booster with a best iteration is explained up to it, as predict scores it; its whole text is not."""
    X = np.random.default_rng(6).normal(size=(100, 4))
    booster = train(X, X[:, 0], 9)
    booster.best_iteration = 4
    assert TreeShap(booster).n_trees == 4
    assert TreeShap(booster.model_to_string(num_iteration=-1)).n_trees == 9
    assert_exact(booster, X)
