"""Several boosters joined into one: all their trees in one LightGBM model whose raw score is the mean of theirs.

A tree counts as much as its leaves say, so leaves divided by the number of boosters make a sum of trees their mean.
Splits, covers and the initial score (which LightGBM adds to a booster's first tree) stay as they were learned: exact
contributions of the joined model are the means of the members' exact contributions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.fit.boosting import Booster

_SCALED = ("leaf_value", "internal_value", "shrinkage")
_END = "end of trees"


@dataclass(frozen=True)
class _ModelText:
    """A model's text, taken apart: header lines by key, each tree's lines, and what follows the trees."""

    header: dict[str, str]
    trees: list[list[str]]
    tail: str

    @staticmethod
    def of(text: str) -> _ModelText:
        before, _, tail = text.partition(f"\n{_END}\n")
        head, *trees = before.split("\nTree=")
        header = {key: value for key, _, value in (line.partition("=") for line in head.splitlines() if line)}
        return _ModelText(header, [tree.splitlines()[1:] for tree in trees], tail)


def join(boosters: Sequence[Booster], columns: Sequence[Sequence[int]], features: Sequence[str]) -> Booster:
    """Return one booster over `features` whose raw score is the mean of the boosters' raw scores.

    columns: for each booster, the places of its features in `features`. One booster over all features comes back as it
    is. Raises ValueError for linear trees, whose leaves hold more than a number.
    """
    if len(boosters) == 1 and list(columns[0]) == list(range(len(features))):
        return boosters[0]
    import lightgbm

    texts = [_ModelText.of(booster.model_to_string()) for booster in boosters]
    infos, directions = ["none"] * len(features), ["0"] * len(features)
    trees: list[str] = []
    for text, places in zip(texts, columns, strict=True):
        _scatter(text.header.get("feature_infos", ""), places, infos)
        _scatter(text.header.get("monotone_constraints", ""), places, directions)
        for lines in text.trees:
            trees.append("\n".join([f"Tree={len(trees)}", *_scaled(lines, places, len(boosters)), ""]))
    # Sizes of the trees are left out: LightGBM then reads one tree after the other, and writes them itself.
    header = texts[0].header | {
        "max_feature_idx": str(len(features) - 1),
        "feature_names": " ".join(features),
        "feature_infos": " ".join(infos),
    }
    header.pop("tree_sizes", None)
    header.pop("monotone_constraints", None)
    if any(direction != "0" for direction in directions):
        header["monotone_constraints"] = " ".join(directions)
    head = [key if not value else f"{key}={value}" for key, value in header.items()]
    joined: Booster = lightgbm.Booster(model_str="\n".join([*head, "", *trees, "", _END, ""]) + texts[0].tail)
    return joined


def _scatter(values: str, places: Sequence[int], into: list[str]) -> None:
    for value, place in zip(values.split(), places, strict=False):
        into[place] = value


def _scaled(lines: list[str], places: Sequence[int], members: int) -> list[str]:
    """Return a tree's lines with its features at their places and its leaves divided by the number of members."""
    found = []
    for line in lines:
        key, _, value = line.partition("=")
        if key == "is_linear" and value != "0":
            raise ValueError("linear trees cannot be joined: fit without linear_tree")
        if key == "split_feature":
            value = " ".join(str(places[int(feature)]) for feature in value.split())
        elif key in _SCALED:
            value = " ".join(repr(float(number) / members) for number in value.split())
        found.append(f"{key}={value}" if key else "")
    return found
