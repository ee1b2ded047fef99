# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call"
# Numba types these functions, not mypy: they take pointers to flat arrays, int64 offsets into them, and vectors.
"""The entries: contributions of rows, eight at a time and then one by one, and raw scores.

compiled.py compiles them; nothing is compiled, cached or written at import. Arrays are flat and walked by pointer
without bounds checks: layout.py sizes them, tree_shap.py checks what comes from outside.

Why some calls stand here several times, each with another `constant`: the innermost loops run over the nodes of a
quadrature or the splits of a small tree, 2 to 8 of them. Told the number, LLVM unrolls such a loop and keeps its
vectors in registers; with one loop that counts, 500 trees of 31 leaves took 14 to 19 % longer. So the usual numbers are
written out, and the rest share the loop that counts.
"""

from __future__ import annotations

import numpy as np

from treeshap.fill import fill_lanes, fill_row, first_tree
from treeshap.lanes import at, constant, load4, load8, pasted, pointer, put, splat8, store, total
from treeshap.large import group_lanes, large_row, large_values
from treeshap.layout import BATCH, COLUMNS, FEATURES, HEADER, LANES_FROM, NARROW, ROW, WIDE
from treeshap.memory import model_arrays, work_space
from treeshap.small import small_lanes, small_row, small_values


@pasted
def explain_lanes(rows, model, space):
    """Explain the eight rows that start at `space.offsets`."""
    meta = model.meta
    for i in range(space.phi, space.free, 8):
        store(space.doubles, i, splat8(0.0))
    fill_lanes(rows, model, space)
    i, f = small_lanes(constant(4), at(meta, NARROW), model, first_tree(meta), constant(0), space)
    i, f = small_lanes(constant(8), at(meta, WIDE), model, i, f, space)
    b = constant(0)
    put(space.marks, 0, -1)
    group = HEADER
    for _ in range(at(meta, BATCH)):
        k, n, q = at(meta, group), at(meta, group + 1), at(meta, group + 2)
        if k == 2:
            i, f, b = group_lanes(constant(2), n, model, i, f, b, q, space)
        elif k == 3:
            i, f, b = group_lanes(constant(3), n, model, i, f, b, q, space)
        elif k == 4:
            i, f, b = group_lanes(constant(4), n, model, i, f, b, q, space)
        elif k == 5:
            i, f, b = group_lanes(constant(5), n, model, i, f, b, q, space)
        elif k == 6:
            i, f, b = group_lanes(constant(6), n, model, i, f, b, q, space)
        else:
            i, f, b = group_lanes(k, n, model, i, f, b, q, space)
        group += 3


@pasted
def explain_row(first, rows, model, space):
    """Explain the row that starts at `first`."""
    meta = model.meta
    for i in range(space.phi, space.free, 8):
        store(space.doubles, i, splat8(0.0))
    fill_row(first, rows, model, space)
    i, f = small_row(constant(4), at(meta, NARROW), model, first_tree(meta), constant(0), space)
    i, f = small_row(constant(8), at(meta, WIDE), model, i, f, space)
    put(space.marks, 0, -1)
    group = HEADER + 3 * at(meta, BATCH)
    for _ in range(at(meta, ROW)):
        width, chunks, n, q = at(meta, group), at(meta, group + 1), at(meta, group + 2), at(meta, group + 3)
        if width == 4:
            for _ in range(n):
                i, f = large_row(load4(space.doubles, 0), constant(1), model, i, f, q, space)
        elif chunks == 1:
            for _ in range(n):
                i, f = large_row(load8(space.doubles, 0), constant(1), model, i, f, q, space)
        else:
            for _ in range(n):
                i, f = large_row(load8(space.doubles, 0), chunks, model, i, f, q, space)
        group += 4


def contributions(rows, meta, scratch):
    """Return float64[n, columns + 1] for rows[n, columns]: contributions, then the expected value.

    While at least `LANES_FROM` rows are left they go eight at a time, then one by one.
    """
    n_rows, columns = rows.shape
    rows_, meta_ = pointer(rows), pointer(meta)
    if columns != at(meta_, COLUMNS):
        raise ValueError("columns")  # tree_shap.py says which
    out = np.zeros((n_rows, columns + 1))
    out_, model = pointer(out), model_arrays(meta_)
    space = work_space(pointer(scratch), meta_, constant(8))
    expected = at(model.quadrature, 0)
    features = at(meta_, FEATURES)
    start = 0
    while n_rows - start >= LANES_FROM:
        here = min(8, n_rows - start)
        for lane in range(8):
            put(space.offsets, lane, (start + min(lane, here - 1)) * columns)
        explain_lanes(rows_, model, space)
        for lane in range(here):
            target = (start + lane) * (columns + 1)
            for i in range(features):
                put(out_, target + at(model.ints, i), at(space.doubles, space.phi + 8 * i + lane))
            put(out_, target + columns, expected)
        start += here
    one = work_space(pointer(scratch), meta_, constant(1))
    while start < n_rows:
        explain_row(start * columns, rows_, model, one)
        target = start * (columns + 1)
        for i in range(features):
            put(out_, target + at(model.ints, i), total(load8(one.doubles, one.phi + 8 * i)))
        put(out_, target + columns, expected)
        start += 1
    return out


def raw_scores(rows, meta, scratch):
    """Return float64[n], the sum of the trees' values, for rows[n, columns]."""
    n_rows, columns = rows.shape
    rows_, meta_ = pointer(rows), pointer(meta)
    if columns != at(meta_, COLUMNS):
        raise ValueError("columns")
    out = np.empty(n_rows)
    model = model_arrays(meta_)
    space = work_space(pointer(scratch), meta_, constant(8))
    narrow, wide, large = at(meta_, NARROW), at(meta_, WIDE), 0
    for group in range(at(meta_, BATCH)):
        large += at(meta_, HEADER + 3 * group + 1)
    for start in range(0, n_rows, 8):
        here = min(8, n_rows - start)
        for lane in range(8):
            put(space.offsets, lane, (start + min(lane, here - 1)) * columns)
        fill_lanes(rows_, model, space)
        sums = splat8(at(model.quadrature, 1))
        i, f, sums = small_values(constant(4), narrow, model, first_tree(meta_), constant(0), space, sums)
        i, f, sums = small_values(constant(8), wide, model, i, f, space, sums)
        i, f, sums = large_values(large, model, i, f, space, sums)
        store(space.doubles, 0, sums)
        for lane in range(here):
            put(pointer(out), start + lane, at(space.doubles, lane))
    return out
