"""The model in one piece of memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.treeshap.models import train
from treeshap.layout import COLUMNS, HEADER, INTS, LINE, NARROW, WIDE, aligned, lay_out
from treeshap.model_text import parse


def test_every_array_starts_a_cache_line_within_the_piece(booster: Any) -> None:
    """The addresses that a kernel is given lie in the memory that the model holds."""
    packed = lay_out(parse(booster.model_to_string()))
    addresses = packed.meta[INTS:HEADER]
    first = packed.memory.ctypes.data
    assert (addresses % LINE == 0).all()
    assert (addresses >= first).all()
    assert (addresses < first + packed.memory.nbytes).all()
    assert packed.meta[COLUMNS] == 10


@pytest.mark.parametrize(("leaves", "place"), [(4, NARROW), (8, WIDE)])
def test_small_trees_are_counted_by_width(leaves: int, place: int) -> None:
    """Up to four splits a tree has a narrow table, up to seven a wide one, beyond that none."""
    X = np.random.default_rng(1).normal(size=(500, 4))
    packed = lay_out(parse(train(X, X.prod(axis=1), 6, num_leaves=leaves).model_to_string()))
    assert packed.meta[place] == 6
    assert packed.meta[NARROW] + packed.meta[WIDE] == 6


@pytest.mark.parametrize("size", [0, 1, 8, 1001])
def test_scratch_starts_a_cache_line(size: int) -> None:
    """Eight lanes never straddle two lines."""
    scratch = aligned(size)
    assert scratch.shape == (size,)
    assert scratch.ctypes.data % LINE == 0 or size == 0
