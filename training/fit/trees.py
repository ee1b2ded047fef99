"""A booster's trees one by one, so that what hangs on a single feature is evaluated again and nothing else.

Permuting a feature changes only the few trees that split on it: some sixty times less work than scoring anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from credit.application import FloatArray, IntArray
from training.fit.boosting import Booster


@dataclass(frozen=True)
class Trees:
    """A numeric LightGBM model: its trees as dumped, and for each feature the trees that split on it."""

    roots: tuple[dict[str, Any], ...]
    users: dict[int, tuple[int, ...]]

    @staticmethod
    def of(booster: Booster) -> Trees:
        """Take a booster apart; it must have no categorical splits."""
        roots = tuple(tree["tree_structure"] for tree in booster.dump_model()["tree_info"])
        users: dict[int, list[int]] = {}
        for i, root in enumerate(roots):
            for feature in _features(root):
                users.setdefault(feature, []).append(i)
        return Trees(roots, {feature: tuple(trees) for feature, trees in users.items()})

    def values(self, tree: int, X: FloatArray) -> FloatArray:
        """Return one tree's output on float64[n, f]: float64[n]."""
        out = np.empty(len(X))
        _fill(self.roots[tree], X, np.arange(len(X)), out)
        return out


def _features(node: dict[str, Any]) -> set[int]:
    if "split_feature" not in node:
        return set()
    return {int(node["split_feature"])} | _features(node["left_child"]) | _features(node["right_child"])


def _fill(node: dict[str, Any], X: FloatArray, rows: IntArray, out: FloatArray) -> None:
    if "split_feature" not in node:
        out[rows] = node["leaf_value"]
        return
    column = X[rows, node["split_feature"]]
    missing = np.isnan(column)
    if node["missing_type"] == "NaN":
        left = np.where(missing, bool(node["default_left"]), column <= node["threshold"])
    else:  # a feature that had no missing value in training: LightGBM reads one as 0
        left = np.where(missing, 0.0, column) <= node["threshold"]
    _fill(node["left_child"], X, rows[left], out)
    _fill(node["right_child"], X, rows[~left], out)
