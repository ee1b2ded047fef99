# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call"
# Numba types these functions, not mypy: they take pointers to flat arrays, int64 offsets into them, and vectors.
"""The entries: contributions of rows, eight at a time and then one by one, and raw scores.

compiled.py compiles them; nothing is compiled, cached or written at import. Arrays are flat and walked by pointer
without bounds checks: layout.py sizes them, tree_shap.py checks what comes from outside.
"""

from __future__ import annotations

import numpy as np

from treeshap.fill import fill_lanes, fill_row, first_tree
from treeshap.lanes import (
    as_ints,
    at,
    bytes_at,
    constant,
    doubles_at,
    int32s_at,
    load4,
    load8,
    pasted,
    pointer,
    put,
    scratch_at,
    splat8,
    store,
    total,
)
from treeshap.large import group_lanes, large_row, large_values
from treeshap.layout import (
    BATCH,
    COLUMNS,
    EXTRA,
    FEATURES,
    FLOATS,
    HEADER,
    INTS,
    LANES_FROM,
    MARKS,
    MEMBERS,
    NARROW,
    QUADRATURE,
    ROW,
    SLOTS,
    TABLES,
    VALUES,
    WIDE,
)
from treeshap.small import small_lanes, small_row, small_values


@pasted
def explain_lanes(offsets, rows, meta, ints, floats, batch, quadrature, tables, members, w, marks):
    x = 0
    phi = 8 * at(meta, SLOTS)
    space = phi + 8 * (at(meta, FEATURES) + 1)
    for i in range(phi, space, 8):
        store(w, i, splat8(0.0))
    fill_lanes(rows, offsets, meta, ints, members, w, x)
    i, f = small_lanes(
        constant(4), at(meta, NARROW), ints, first_tree(meta), floats, constant(0), tables, w, x, phi, marks
    )
    i, f = small_lanes(constant(8), at(meta, WIDE), ints, i, floats, f, tables, w, x, phi, marks)
    b = constant(0)
    put(marks, 0, -1)
    group = HEADER
    for _ in range(at(meta, BATCH)):
        k, n, q = at(meta, group), at(meta, group + 1), at(meta, group + 2)
        if k == 2:
            i, f, b = group_lanes(constant(2), n, ints, i, floats, f, batch, b, quadrature, q, w, x, phi, space, marks)
        elif k == 3:
            i, f, b = group_lanes(constant(3), n, ints, i, floats, f, batch, b, quadrature, q, w, x, phi, space, marks)
        elif k == 4:
            i, f, b = group_lanes(constant(4), n, ints, i, floats, f, batch, b, quadrature, q, w, x, phi, space, marks)
        elif k == 5:
            i, f, b = group_lanes(constant(5), n, ints, i, floats, f, batch, b, quadrature, q, w, x, phi, space, marks)
        elif k == 6:
            i, f, b = group_lanes(constant(6), n, ints, i, floats, f, batch, b, quadrature, q, w, x, phi, space, marks)
        else:
            i, f, b = group_lanes(k, n, ints, i, floats, f, batch, b, quadrature, q, w, x, phi, space, marks)
        group += 3


@pasted
def explain_row(first, row, meta, ints, floats, quadrature, tables, members, w, marks):
    slots = (at(meta, SLOTS) + 7) // 8 * 8
    x, phi = 0, slots
    space = phi + 8 * (at(meta, FEATURES) + 1)
    for i in range(phi, space, 8):
        store(w, i, splat8(0.0))
    fill_row(first, row, meta, ints, members, w, x)
    i, f = small_row(
        constant(4), at(meta, NARROW), ints, first_tree(meta), floats, constant(0), tables, w, x, phi, marks
    )
    i, f = small_row(constant(8), at(meta, WIDE), ints, i, floats, f, tables, w, x, phi, marks)
    put(marks, 0, -1)
    group = HEADER + 3 * at(meta, BATCH)
    for _ in range(at(meta, ROW)):
        width, chunks, n, q = at(meta, group), at(meta, group + 1), at(meta, group + 2), at(meta, group + 3)
        if width == 4:
            for _ in range(n):
                i, f = large_row(load4(w, 0), constant(1), ints, i, floats, f, quadrature, q, w, x, phi, space, marks)
        elif chunks == 1:
            for _ in range(n):
                i, f = large_row(load8(w, 0), constant(1), ints, i, floats, f, quadrature, q, w, x, phi, space, marks)
        else:
            for _ in range(n):
                i, f = large_row(load8(w, 0), chunks, ints, i, floats, f, quadrature, q, w, x, phi, space, marks)
        group += 4


def contributions(rows, meta, scratch):
    """Return float64[n, columns + 1] for rows[n, columns]: contributions, then the expected value.

    While at least `LANES_FROM` rows are left they go eight at a time, then one by one.
    """
    n_rows, columns = rows.shape
    rows_, meta_, w = pointer(rows), pointer(meta), pointer(scratch)
    if columns != at(meta_, COLUMNS):
        raise ValueError("columns")  # tree_shap.py says which
    out = np.zeros((n_rows, columns + 1))
    out_, ints, floats = pointer(out), int32s_at(meta_, INTS), doubles_at(meta_, FLOATS)
    batch, quadrature = doubles_at(meta_, EXTRA), doubles_at(meta_, QUADRATURE)
    tables, members = doubles_at(meta_, TABLES), bytes_at(meta_, MEMBERS)
    offsets = as_ints(w)
    marks = as_ints(scratch_at(w, 8))
    w = scratch_at(w, 8 + at(meta_, MARKS))
    expected = at(quadrature, 0)
    features, slots = at(meta_, FEATURES), at(meta_, SLOTS)
    start = 0
    while n_rows - start >= LANES_FROM:
        here = min(8, n_rows - start)
        for lane in range(8):
            put(offsets, lane, (start + min(lane, here - 1)) * columns)
        explain_lanes(offsets, rows_, meta_, ints, floats, batch, quadrature, tables, members, w, marks)
        for lane in range(here):
            target = (start + lane) * (columns + 1)
            for i in range(features):
                put(out_, target + at(ints, i), at(w, 8 * (slots + i) + lane))
            put(out_, target + columns, expected)
        start += here
    phi = (slots + 7) // 8 * 8
    while start < n_rows:
        explain_row(start * columns, rows_, meta_, ints, floats, quadrature, tables, members, w, marks)
        target = start * (columns + 1)
        for i in range(features):
            put(out_, target + at(ints, i), total(load8(w, phi + 8 * i)))
        put(out_, target + columns, expected)
        start += 1
    return out


def raw_scores(rows, meta, scratch):
    """Return float64[n], the sum of the trees' values, for rows[n, columns]."""
    n_rows, columns = rows.shape
    rows_, meta_, w = pointer(rows), pointer(meta), pointer(scratch)
    if columns != at(meta_, COLUMNS):
        raise ValueError("columns")
    out = np.empty(n_rows)
    ints, floats, values = int32s_at(meta_, INTS), doubles_at(meta_, FLOATS), doubles_at(meta_, VALUES)
    quadrature, members = doubles_at(meta_, QUADRATURE), bytes_at(meta_, MEMBERS)
    offsets = as_ints(w)
    marks = as_ints(scratch_at(w, 8))
    w = scratch_at(w, 8 + at(meta_, MARKS))
    x, f0 = constant(0), constant(0)
    narrow, wide, large = at(meta_, NARROW), at(meta_, WIDE), 0
    for group in range(at(meta_, BATCH)):
        large += at(meta_, HEADER + 3 * group + 1)
    space = 8 * at(meta_, SLOTS)
    for start in range(0, n_rows, 8):
        here = min(8, n_rows - start)
        for lane in range(8):
            put(offsets, lane, (start + min(lane, here - 1)) * columns)
        fill_lanes(rows_, offsets, meta_, ints, members, w, x)
        sums = splat8(at(quadrature, 1))
        i = first_tree(meta_)
        i, f, sums = small_values(constant(4), narrow, ints, i, floats, f0, values, w, x, marks, sums)
        i, f, sums = small_values(constant(8), wide, ints, i, floats, f, values, w, x, marks, sums)
        i, f, sums = large_values(large, ints, i, floats, f, w, x, space, marks, sums)
        store(w, 0, sums)
        for lane in range(here):
            put(pointer(out), start + lane, at(w, lane))
    return out
