"""LightGBM's model text, read into arrays: one `ParsedTree` for each tree, in the file's order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from treeshap.errors import UnsupportedModel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CATEGORICAL, DEFAULT_LEFT = 1, 2  # bits of LightGBM's decision_type; its missing type is in the two bits above
MISSING_NONE, MISSING_ZERO, MISSING_NAN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class ParsedTree:
    """One tree: for each split feature, threshold, decision_type, left, right, count; for each leaf value, leaf_count.

    A child c >= 0 is split c, a child c < 0 is leaf ~c. `categories[i]` is the set of codes that go left at a
    categorical split whose threshold is i, as a bit set of 32-bit words.
    """

    feature: Ints
    threshold: Floats
    decision_type: Ints
    left: Ints
    right: Ints
    count: Ints
    value: Floats
    leaf_count: Ints
    categories: tuple[npt.NDArray[np.uint32], ...]


@dataclass(frozen=True, slots=True)
class ParsedModel:
    """The trees of a model with one output, and the names of its features."""

    trees: tuple[ParsedTree, ...]
    feature_names: tuple[str, ...]


def model_text(booster_or_text: Any) -> str:
    """Return the text of a `lightgbm.Booster` (up to its best iteration, as `predict` uses it), or the text given."""
    if isinstance(booster_or_text, str):
        return booster_or_text
    if hasattr(booster_or_text, "model_to_string"):
        text: str = booster_or_text.model_to_string()
        return text
    raise UnsupportedModel(f"a lightgbm.Booster or its model text is needed, not a {type(booster_or_text).__name__}")


def parse(text: str) -> ParsedModel:
    """Parse LightGBM's model text; raises UnsupportedModel for what has no exact explanation here, by name."""
    header, *blocks = text.replace("\r\n", "\n").split("\nTree=")
    fields = _fields(header)
    if not header.startswith("tree\n") or "max_feature_idx" not in fields:
        raise UnsupportedModel("this is not LightGBM's model text: save the model with Booster.save_model")
    if int(fields.get("num_class", "1")) != 1 or int(fields.get("num_tree_per_iteration", "1")) != 1:
        raise UnsupportedModel(
            "a multiclass model has one explanation a class, which is not covered: train a binary one"
        )
    if "average_output" in fields:
        raise UnsupportedModel(
            "averaged outputs (boosting=rf) are not covered: pred_contrib leaves the average out; train with gbdt"
        )
    n_features = int(fields["max_feature_idx"]) + 1
    names = tuple(fields.get("feature_names", "").split())
    if len(names) != n_features:
        raise UnsupportedModel(f"the model text names {len(names)} features for {n_features}: save the model again")
    return ParsedModel(tuple(_trees(blocks, n_features)), names)


def _trees(blocks: list[str], n_features: int) -> Iterator[ParsedTree]:
    for i, block in enumerate(blocks):
        try:
            tree = _tree(_fields(block.split("\nend of trees", 1)[0]))
        except (KeyError, ValueError) as error:
            raise UnsupportedModel(
                f"tree {i} of the model text cannot be read ({error}): save the model again"
            ) from None
        if tree.feature.size and not 0 <= tree.feature.min() <= tree.feature.max() < n_features:
            raise UnsupportedModel(f"tree {i} splits on a feature that the model does not have: save the model again")
        yield tree


def _fields(block: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in block.split("\n"))
    return {key: value for key, _, value in pairs if key}


def _tree(fields: dict[str, str]) -> ParsedTree:
    if int(fields.get("is_linear", "0")):
        raise UnsupportedModel("linear trees are not covered, nor by pred_contrib: train with linear_tree=false")
    leaves = int(fields["num_leaves"])
    splits = leaves - 1
    if leaves == 1:
        none, empty = np.zeros(0, np.int64), np.zeros(0)
        return ParsedTree(
            none, empty, none, none, none, none, _floats(fields, "leaf_value", 1), np.ones(1, np.int64), ()
        )
    categories: tuple[npt.NDArray[np.uint32], ...] = ()
    if sets := int(fields.get("num_cat", "0")):
        bounds = _ints(fields, "cat_boundaries", sets + 1)
        words = _ints(fields, "cat_threshold", int(bounds[-1])).astype(np.uint32)
        categories = tuple(words[a:b] for a, b in pairwise(bounds))
    tree = ParsedTree(
        _ints(fields, "split_feature", splits),
        _floats(fields, "threshold", splits),
        _ints(fields, "decision_type", splits),
        _ints(fields, "left_child", splits),
        _ints(fields, "right_child", splits),
        _ints(fields, "internal_count", splits),
        _floats(fields, "leaf_value", leaves),
        _ints(fields, "leaf_count", leaves),
        categories,
    )
    children = np.sort(np.concatenate([tree.left, tree.right]))
    if not np.array_equal(children, np.concatenate([np.arange(-leaves, 0), np.arange(1, splits)])):
        raise ValueError("its children do not form a tree")
    if (tree.decision_type >> 2 & 3).max() > MISSING_NAN:
        raise ValueError("decision_type names a missing type that is not known")
    sets_used = tree.threshold[tree.decision_type & CATEGORICAL > 0]
    if sets_used.size and not 0 <= sets_used.min() <= sets_used.max() < len(categories):
        raise ValueError("a split names a set of categories that is not there")
    if tree.count[0] <= 0 or min(tree.count.min(), tree.leaf_count.min()) < 0:
        raise ValueError("it does not say how many training rows reached its splits, so pred_contrib is not defined")
    return tree


def _ints(fields: dict[str, str], key: str, size: int) -> Ints:
    values: Ints = _sized(np.array(fields[key].split(), dtype=np.int64), key, size)
    return values


def _floats(fields: dict[str, str], key: str, size: int) -> Floats:
    values: Floats = _sized(np.array(fields[key].split(), dtype=np.float64), key, size)
    return values


def _sized(values: Any, key: str, size: int) -> Any:
    if values.shape != (size,):
        raise ValueError(f"{key} has {values.size} entries for {size}")
    return values
