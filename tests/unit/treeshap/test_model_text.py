"""LightGBM's model text: what is read, and what is refused by name."""

from __future__ import annotations

import re
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from tests.unit.treeshap.models import QUIET, Floats, edited, train
from treeshap import TreeShap, UnsupportedModel


def refused(make: Any, match: str) -> None:
    with pytest.raises(UnsupportedModel, match=match):
        TreeShap(make())


def test_what_is_not_covered_is_refused_by_name(rows: Floats) -> None:
    """Multiclass, averaged outputs, linear trees and texts that are no model are refused when loaded."""
    X, y = np.nan_to_num(rows), (np.nan_to_num(rows[:, 0]) > 0).astype(float)
    refused(lambda: train(X, y + (X[:, 1] > 0), objective="multiclass", num_class=3), "multiclass")
    refused(lambda: train(X, y, boosting="rf", bagging_freq=1, bagging_fraction=0.5), "averaged outputs")
    data = lgb.Dataset(X, y, params={**QUIET, "linear_tree": True})
    refused(lambda: lgb.train({**QUIET, "objective": "regression", "linear_tree": True}, data, 2), "linear trees")
    refused(lambda: "no model", "not LightGBM's model text")
    refused(lambda: {"trees": []}, "not a dict")


def test_a_damaged_text_is_refused_by_tree(booster: Any) -> None:
    """A text that was cut or edited into nonsense is refused with the tree's number, never read past its end."""
    text = booster.model_to_string()
    refused(lambda: text.replace("leaf_count=", "leaf_counts=", 1), "tree 0 .*leaf_count")
    refused(lambda: text.replace("threshold=", "threshold=1.5 ", 1), "tree 0 .*threshold has 15 entries for 14")
    refused(lambda: re.sub(r"left_child=-?\d+", "left_child=0", text, count=1), "tree 0 .*do not form a tree")
    refused(lambda: re.sub(r"split_feature=\d+", "split_feature=77", text, count=1), "tree 0 .*does not have")
    refused(lambda: text.replace("max_feature_idx=9", "max_feature_idx=3"), "names 10 features for 4")


def test_trees_without_counts_are_refused(booster: Any) -> None:
    """A model that was converted from elsewhere and has no counts has no path-dependent explanation."""
    none = edited(booster, lambda text: re.sub(r"(?<=_count=)[\d ]+", lambda m: re.sub(r"\d+", "0", m[0]), text))
    refused(lambda: none, "how many training rows")
