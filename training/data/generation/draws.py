"""Small helpers for drawing columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Columns = dict[str, Any]


class TextColumn:
    """A text column as codes into its distinct values; a negative code is missing."""

    def __init__(self, codes: Array, values: tuple[str, ...]) -> None:
        self.codes = codes
        self.values = values

    def equals(self, value: str) -> Array:
        """Return bool[n]: where the text is `value`."""
        return np.asarray(self.codes == self.values.index(value))


def draw_texts(rng: np.random.Generator, n: int, weights: Mapping[str, float], missing: float = 0.0) -> TextColumn:
    """Draw n texts with these weights, and a share `missing` of none."""
    share = np.array(list(weights.values()), dtype=np.float64)
    codes = np.searchsorted(np.cumsum(share / share.sum()), rng.random(n)).astype(np.int32)
    codes = np.minimum(codes, len(share) - 1)
    if missing:
        codes[rng.random(n) < missing] = -1
    return TextColumn(codes, tuple(weights))


def choose(condition: Array, yes: TextColumn, no: TextColumn) -> TextColumn:
    """Return `yes` where the condition holds, else `no`; both must have the same values."""
    if yes.values != no.values:
        raise ValueError("both texts need the same values")
    return TextColumn(np.where(condition, yes.codes, no.codes), yes.values)


def fixed(n: int, value: str) -> TextColumn:
    """Return n times the same text."""
    return TextColumn(np.zeros(n, dtype=np.int32), (value,))


def blank(values: Array, where: Array) -> Array:
    """Return the values as float64, missing where the condition holds."""
    return np.where(where, np.nan, values.astype(np.float64))


def logistic(x: Array) -> Array:
    """Return 1 / (1 + exp(-x))."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def grid(values: Array, step: float) -> Array:
    """Round to multiples of `step`, as amounts on a form are."""
    return np.asarray(np.round(values / step) * step)


def repeat_index(counts: Array) -> tuple[Array, Array]:
    """Return, for rows that repeat each owner `counts` times, the owner's place and the row's place in its group."""
    owner = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - starts[owner]
