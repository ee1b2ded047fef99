"""Vectors of doubles in compiled code."""

from __future__ import annotations

import numba
import numpy as np

from treeshap.lanes import (
    add,
    at_most,
    div,
    fma,
    load8,
    mul,
    pointer,
    rows_to_columns8,
    splat8,
    store,
    sub,
    total,
    where,
)


@numba.njit(error_model="numpy")
def arithmetic(a, b, out):  # type: ignore[no-untyped-def]
    """Write one vector an operation into out; return the bits of a <= b."""
    x, y, o = load8(pointer(a), 0), load8(pointer(b), 0), pointer(out)
    store(o, 0, add(x, y))
    store(o, 8, sub(x, y))
    store(o, 16, mul(x, y))
    store(o, 24, div(x, y))
    store(o, 32, fma(x, y, splat8(1.0)))
    bits = at_most(x, y)
    store(o, 40, where(bits, x, y))
    return bits, total(x)


@numba.njit
def columns(table, places, out):  # type: ignore[no-untyped-def]
    """Write the transposed 8 x 8 block of eight rows into out."""
    found = rows_to_columns8(pointer(table), pointer(places))
    for n in range(8):
        store(pointer(out), 8 * n, found[n])


def test_operations_are_numpys_lane_by_lane() -> None:
    """Sums, products, choices and comparisons, NaN included: NaN is at most nothing."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=8), rng.normal(size=8)
    b[3] = np.nan
    out = np.zeros(48)
    bits, summed = arithmetic(a, b, out)
    below = a <= b
    expected = [a + b, a - b, a * b, a / b, a * b + 1.0, np.where(below, a, b)]
    np.testing.assert_allclose(out.reshape(6, 8), expected, rtol=1e-15)
    assert bits == int(np.packbits(below, bitorder="little")[0])
    assert summed == np.float64(summed)
    np.testing.assert_allclose(summed, a.sum(), rtol=1e-14)


def test_rows_become_columns() -> None:
    """Eight rows that lie apart are gathered and transposed."""
    table = np.arange(400.0)
    places = np.array([0, 8, 40, 48, 96, 104, 200, 392], dtype=np.int64)
    out = np.zeros(64)
    columns(table, places, out)
    assert out.reshape(8, 8).tolist() == np.array([table[p : p + 8] for p in places]).T.tolist()
