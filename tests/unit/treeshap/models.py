"""Small LightGBM models of every kind, and rows that go where models are seldom asked."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from treeshap.model_text import ParsedTree

Floats = npt.NDArray[np.float64]

QUIET = {"verbose": -1, "num_threads": 1, "deterministic": True, "feature_pre_filter": False, "min_data_in_bin": 1}
STRANGE = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-36, -1e-36, 1e-35, -1e-35, 2e-35, 1e300, -1e300, 5e-324)
STRANGE_CATEGORIES = (
    np.nan,
    np.inf,
    -np.inf,
    -1.0,
    -0.5,
    0.5,
    31.0,
    32.0,
    63.0,
    64.0,
    1e6,
    2.0**31,
    2.0**40,
    -(2.0**40),
)


def train(
    X: Floats, y: Floats, rounds: int = 5, *, categories: tuple[int, ...] = (), weight: Any = None, **params: Any
) -> Any:
    """Train a booster on one thread; `params` go over quiet defaults."""
    data = lgb.Dataset(X, y, weight=weight, categorical_feature=list(categories))
    return lgb.train({**QUIET, "objective": "regression", "min_data_in_leaf": 1, **params}, data, rounds)


def table(rng: np.random.Generator, rows: int, numbers: int, categories: int, missing: float, zeros: float) -> Floats:
    """Return float64[rows, numbers + categories]: normal and rounded numbers, then codes up to 80, with gaps."""
    X = rng.normal(size=(rows, numbers + categories))
    X[:, : numbers // 2] = np.round(X[:, : numbers // 2])
    for column in range(numbers, numbers + categories):
        X[:, column] = rng.integers(0, rng.choice([3, 12, 80]), size=rows)
    X[rng.random(X.shape) < zeros] = 0.0
    X[rng.random(X.shape) < missing] = np.nan
    return X


def strange_rows(rng: np.random.Generator, X: Floats, count: int, numbers: int, booster: Any) -> Floats:
    """Return rows of X with strange values, and with values that are exactly a threshold."""
    rows = X[rng.integers(0, len(X), size=count)].copy()
    splits = booster.trees_to_dataframe()
    splits = splits[splits["decision_type"] == "<="]
    for row in rows:
        for column in rng.choice(X.shape[1], size=max(1, X.shape[1] // 3)):
            row[column] = rng.choice(STRANGE if column < numbers else STRANGE_CATEGORIES)
        if len(splits):
            at = splits.iloc[int(rng.integers(len(splits)))]
            row[booster.feature_name().index(at["split_feature"])] = np.nextafter(
                at["threshold"], rng.choice([-9e9, at["threshold"], 9e9])
            )
    return rows


def reference(booster: Any, X: Floats) -> Floats:
    """LightGBM's own contributions."""
    contributions: Floats = booster.predict(X, pred_contrib=True, num_threads=1)
    return contributions


def edited(booster: Any, replace: Any) -> Any:
    """Return a booster of the text that `replace` makes of booster's text."""
    lines = [line for line in booster.model_to_string().split("\n") if not line.startswith("tree_sizes=")]
    return lgb.Booster(model_str=replace("\n".join(lines)))


def written(rng: np.random.Generator, leaves: list[int], features: int, chain: float = 0.5) -> Any:
    """Return a booster of random trees, written rather than trained: any shape, any depth, any cover.

    chain: how often the leaf that was split last is split next, so 1.0 gives a path through all splits. Along it each
    split takes the next feature.
    """
    names = " ".join(f"f{i}" for i in range(features))
    head = (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
        f"max_feature_idx={features - 1}\nobjective=regression\nfeature_names={names}\n"
        f"feature_infos={' '.join(['[-9:9]'] * features)}\n\n"
    )
    trees = "".join(f"Tree={i}\n{_written_tree(rng, n, features, chain)}\n\n" for i, n in enumerate(leaves))
    return lgb.Booster(model_str=f"{head}{trees}end of trees\n")


def _written_tree(rng: np.random.Generator, leaves: int, features: int, chain: float) -> str:
    if leaves == 1:
        return f"num_leaves=1\nnum_cat=0\nleaf_value={rng.normal()!r}\nleaf_count=7\nis_linear=0\nshrinkage=1\n"
    splits = leaves - 1
    children = np.zeros((splits, 2), np.int64)
    where: dict[int, tuple[int, int]] = {}  # leaf -> its parent and side
    last = 0
    for n in range(splits):  # as LightGBM grows: leaf k becomes split n, its left child stays leaf k, its right is new
        if n:
            leaf = last if rng.random() < chain else int(rng.integers(n + 1))
            parent, side = where[leaf]
            children[parent, side] = n
        else:
            leaf = 0
        children[n] = ~leaf, ~(n + 1)
        where[leaf], where[n + 1] = (n, 0), (n, 1)
        last = leaf if rng.random() < 0.5 else n + 1
    leaf_count = rng.integers(1, 50, size=leaves)
    count = np.zeros(splits, np.int64)
    for n in reversed(range(splits)):
        count[n] = sum(count[c] if c >= 0 else leaf_count[~c] for c in children[n])
    feature = np.arange(splits) % features if chain == 1.0 else rng.integers(features, size=splits)
    columns: dict[str, Any] = {
        "split_feature": feature, "split_gain": np.ones(splits, int),
        "threshold": rng.choice([-1.0, 0.0, 1e-35, 0.5], size=splits),
        "decision_type": rng.choice([0, 2, 4, 6, 8, 10], size=splits),
        "left_child": children[:, 0], "right_child": children[:, 1],
        "leaf_value": rng.normal(size=leaves), "leaf_weight": leaf_count, "leaf_count": leaf_count,
        "internal_value": np.zeros(splits, int), "internal_weight": count, "internal_count": count,
    }  # fmt: skip
    body = "".join(f"{key}={' '.join(repr(v) for v in values.tolist())}\n" for key, values in columns.items())
    return f"num_leaves={leaves}\nnum_cat=0\n{body}is_linear=0\nshrinkage=1\n"


def rational(tree: ParsedTree, row: Floats) -> Floats:
    """One tree's contributions to one row by the definition, in fractions: leaf by leaf, polynomials integrated."""
    phi = [Fraction(0)] * row.size
    stack: list[tuple[int, dict[int, tuple[int, Fraction]]]] = [(0, {})]  # node, feature -> (follows, share)
    while stack:
        n, path = stack.pop()
        if n < 0:
            for i, (follows, share) in path.items():
                others = [factor for j, factor in path.items() if j != i]
                phi[i] += Fraction(float(tree.value[~n])) * (follows - share) * _integral(others)
            continue
        feature = int(tree.feature[n])
        follows, share = path.get(feature, (1, Fraction(1)))
        left = _goes_left(tree, n, row[feature])
        for child, taken in ((int(tree.left[n]), left), (int(tree.right[n]), not left)):
            count = int(tree.count[child] if child >= 0 else tree.leaf_count[~child])
            stack.append((child, path | {feature: (follows * taken, share * Fraction(count, int(tree.count[n])))}))
    return np.array([float(v) for v in phi])


def _integral(factors: list[tuple[int, Fraction]]) -> Fraction:
    """The integral over t in [0, 1] of the product of follows * t + share * (1 - t)."""
    coefficients = [Fraction(1)]
    for follows, share in factors:
        shifted = [Fraction(0), *((follows - share) * c for c in coefficients)]
        coefficients = [a + share * b for a, b in zip(shifted, [*coefficients, Fraction(0)], strict=True)]
    return sum((c / (k + 1) for k, c in enumerate(coefficients)), Fraction(0))


def _goes_left(tree: ParsedTree, n: int, value: float) -> bool:
    missing, zero = int(tree.decision_type[n]) >> 2 & 3, abs(value) <= float(np.float32(1e-35))
    if np.isnan(value) and missing != 2:
        value, zero = 0.0, True
    if np.isnan(value) or (missing == 1 and zero):
        return bool(tree.decision_type[n] & 2)
    return bool((0.0 if zero else value) <= tree.threshold[n])
