"""One tree, ordered for the kernels: parents before children, each split with what it needs of the splits above it.

The contribution of feature i to a tree's output is the integral over t in [0, 1] of dE/dt_i, where E is the tree's
expected output when each feature is known with probability t and otherwise averaged over the training rows' shares
(path-dependent TreeSHAP: Lundberg et al., Nature Machine Intelligence 2, 2020, read as Owen's multilinear extension).
Along a path with D distinct features the integrand is a polynomial of degree D - 1, which a quadrature gives exactly.

Each split is turned so that its child A is a split wherever one of its children is. A split with two leaves is a `tip`,
the others are `inner`. Inner splits come first, in preorder, then the tips.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import nan, prod
from typing import NamedTuple

import numpy as np

from treeshap.model_text import CATEGORICAL, DEFAULT_LEFT, Floats, Ints, ParsedTree

# How a slot is made from a feature's value x: what becomes of a missing value decides the side it goes to.
PLAIN, NAN_LEFT, NAN_IS_ZERO, ZERO_RIGHT, ZERO_LEFT, IN_SET = range(6)

_KIND = {
    (0, 0): NAN_IS_ZERO,
    (0, 1): NAN_IS_ZERO,
    (1, 0): ZERO_RIGHT,
    (1, 1): ZERO_LEFT,
    (2, 0): PLAIN,
    (2, 1): NAN_LEFT,
}


class Slot(NamedTuple):
    """A value that splits compare with their thresholds: feature, kind, and for IN_SET the bytes of the bit set."""

    feature: int
    kind: int
    members: bytes


class Split(NamedTuple):
    """A split before ordering: it goes to A if (slot <= threshold) != flipped; `share` is A's share of its cover.

    A child >= 0 is a split of the same list; a leaf is -1 and its value is in `value_a` or `value_b`.
    """

    slot: Slot
    threshold: float
    flipped: int
    share: float
    a: int
    b: int
    value_a: float
    value_b: float


@dataclass(frozen=True, slots=True)
class TreePlan:
    """A tree's splits in kernel order; all arrays have one entry a split, `inner` of them have a split below.

    chain: 0, or 1 + 2 m + side of the nearest split above on the same feature (m its place, side 0 for A);
    above: the product of that feature's shares above, 1 where none; edge: 2 m + side of the parent (of the root: 0);
    a, b: places of the children, -1 for a leaf, whose value is in value_a, value_b;
    rest: the product of the other features' shares above; gap: E[A] - E[B] where nothing is known.
    """

    inner: int
    distinct: int
    slots: tuple[Slot, ...]
    flipped: Ints
    threshold: Floats
    share: Floats
    chain: Ints
    above: Floats
    edge: Ints
    a: Ints
    b: Ints
    value_a: Floats
    value_b: Floats
    rest: Floats
    gap: Floats


@lru_cache(maxsize=256)
def radau(k: int) -> tuple[Floats, Floats, float]:
    """Nodes and weights on (0, 1] and the weight of 0: exact to degree 2 k (Gauss-Radau with 0 fixed)."""
    from scipy.special import roots_jacobi

    x, w = roots_jacobi(k, 0.0, 1.0)
    return (1.0 + x) / 2.0, w / (1.0 + x) / 2.0, 1.0 / (k + 1) ** 2


@lru_cache(maxsize=256)
def gauss(k: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on (0, 1): exact to degree 2 k - 1."""
    x, w = np.polynomial.legendre.leggauss(k)
    return (1.0 + x) / 2.0, w / 2.0


def plan_tree(tree: ParsedTree) -> TreePlan:
    """Order a tree that has at least one split."""
    splits = _splits(tree)
    tips = [s.a < 0 for s in splits]
    order = _preorder(splits)
    order = [n for n in order if not tips[n]] + [n for n in order if tips[n]]
    place = {n: i for i, n in enumerate(order)}
    place[-1] = -1
    size = len(order)
    chain, edge = np.zeros(size, np.int64), np.zeros(size, np.int64)
    above, rest, gap = np.ones(size), np.ones(size), np.zeros(size)
    paths: list[dict[int, tuple[int, float]]] = [{} for _ in order]  # feature -> (chain, share) above each split
    distinct = 0
    for i, n in enumerate(order):
        split, path = splits[n], paths[i]
        feature = split.slot.feature
        chain[i], above[i] = path.get(feature, (0, 1.0))
        rest[i] = prod(share for f, (_, share) in path.items() if f != feature)
        distinct = max(distinct, len(path.keys() | {feature}))
        for side, child, share in ((0, split.a, split.share), (1, split.b, 1.0 - split.share)):
            if child >= 0:
                j = place[child]
                edge[j] = 2 * i + side
                paths[j] = path | {feature: (1 + 2 * i + side, above[i] * share)}
    mean = np.zeros(size)
    for i in reversed(range(size)):
        split = splits[order[i]]
        a = mean[place[split.a]] if split.a >= 0 else split.value_a
        b = mean[place[split.b]] if split.b >= 0 else split.value_b
        gap[i] = a - b
        mean[i] = b + gap[i] * split.share
    ordered = [splits[n] for n in order]
    return TreePlan(
        size - sum(tips),
        distinct,
        tuple(s.slot for s in ordered),
        np.array([s.flipped for s in ordered]),
        np.array([s.threshold for s in ordered]),
        np.array([s.share for s in ordered]),
        chain,
        above,
        edge,
        np.array([place[s.a] for s in ordered]),
        np.array([place[s.b] for s in ordered]),
        np.array([s.value_a for s in ordered]),
        np.array([s.value_b for s in ordered]),
        rest,
        gap,
    )


def _preorder(splits: list[Split]) -> list[int]:
    order, stack = [], [0]
    while stack:
        n = stack.pop()
        order.append(n)
        stack += [child for child in (splits[n].b, splits[n].a) if child >= 0]
    return order


def _splits(tree: ParsedTree) -> list[Split]:
    """Name slots, turn each split so that A is a split if any child is, and mend shares that do not add up to 1."""
    splits: list[Split] = []
    extra: list[Split] = []
    size = tree.feature.size
    for n in range(size):
        slot, threshold = _slot(tree, n)
        left, right = int(tree.left[n]), int(tree.right[n])
        flipped = left < 0 <= right
        a, b = (right, left) if flipped else (left, right)
        value_a, value_b = (0.0 if c >= 0 else float(tree.value[~c]) for c in (a, b))
        cover, cover_a, cover_b = int(tree.count[n]), _cover(tree, a), _cover(tree, b)
        share = cover_a / cover if cover else 0.5  # no training row came here, so none says how to share
        if cover in (0, cover_a + cover_b):
            splits.append(Split(slot, threshold, int(flipped), share, max(a, -1), max(b, -1), value_a, value_b))
            continue
        # LightGBM takes a child's share from its own count. Where they do not add up to 1 (distributed training
        # estimates counts), each child is put below a split that always goes to it, beside a leaf of value 0 that
        # takes up the rest.
        for child, value, count in ((a, value_a, cover_a), (b, value_b, cover_b)):
            extra.append(Split(slot, nan, 1, 2.0 * count / cover, max(child, -1), -1, value, 0.0))
        below = size + len(extra)
        splits.append(Split(slot, threshold, int(flipped), 0.5, below - 2, below - 1, 0.0, 0.0))
    return splits + extra


def _slot(tree: ParsedTree, n: int) -> tuple[Slot, float]:
    feature, kind = int(tree.feature[n]), int(tree.decision_type[n])
    if kind & CATEGORICAL:
        return Slot(feature, IN_SET, tree.categories[int(tree.threshold[n])].tobytes()), 0.5
    return Slot(feature, _KIND[kind >> 2 & 3, int(bool(kind & DEFAULT_LEFT))], b""), float(tree.threshold[n])


def _cover(tree: ParsedTree, child: int) -> int:
    return int(tree.count[child] if child >= 0 else tree.leaf_count[~child])
