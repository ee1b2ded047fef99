# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call"
# Numba types these functions, not mypy: they take pointers to flat arrays, int64 offsets into them, and vectors.
"""Small trees: the outcomes of all splits make the place of the contributions in the tree's table."""

from __future__ import annotations

import numpy as np

from treeshap.fill import transposed
from treeshap.lanes import (
    add,
    at,
    at_most,
    gather8,
    inlined,
    load8,
    prefetch,
    put,
    rows_to_columns4,
    rows_to_columns8,
    splat8,
    store,
)


@inlined
def small_lanes(width, count, model, i, f, space):
    """Add the contributions of `count` small trees to those of eight rows."""
    ints, floats, w, marks = model.ints, model.floats, space.doubles, space.marks
    for _ in range(count):
        bits = 0
        for n in range(width):
            v = load8(w, space.slots + 8 * at(ints, i + n))
            bits |= at_most(v, splat8(at(floats, f + n))) << (8 * n)
        bits = transposed(bits)
        table = at(ints, i + 2 * width)
        for lane in range(8):
            put(marks, lane, table + ((bits >> (8 * lane)) & 255) * width)
        if width == 4:
            columns = rows_to_columns4(model.tables, marks)
            for n in range(4):
                target = space.phi + 8 * at(ints, i + 4 + n)
                store(w, target, add(load8(w, target), columns[n]))
        else:
            columns8 = rows_to_columns8(model.tables, marks)
            for n in range(8):
                target = space.phi + 8 * at(ints, i + 8 + n)
                store(w, target, add(load8(w, target), columns8[n]))
        i += 2 * width + 2
        f += width
    return i, f


@inlined
def small_row(width, count, model, i, f, space):
    """Add them to one row's in two passes: with cold caches the lines of all tables are on their way at once."""
    ints, floats, w, marks = model.ints, model.floats, space.doubles, space.marks
    head = i
    for tree in range(count):
        place = at(ints, i + 2 * width)
        for n in range(width):
            place += np.int64(at(w, space.slots + at(ints, i + n)) <= at(floats, f + n)) * (width << n)
        prefetch(model.tables, place)
        put(marks, tree, place)
        i += 2 * width + 2
        f += width
    i = head
    for tree in range(count):
        place = at(marks, tree)
        for n in range(width):
            target = space.phi + 8 * at(ints, i + width + n)
            put(w, target, at(w, target) + at(model.tables, place + n))
        i += 2 * width + 2
    return i, f


@inlined
def small_values(width, count, model, i, f, space, sums):
    """Add the values of `count` small trees to sums, eight rows in its lanes."""
    ints, floats, w, marks = model.ints, model.floats, space.doubles, space.marks
    for _ in range(count):
        bits = 0
        for n in range(width):
            v = load8(w, space.slots + 8 * at(ints, i + n))
            bits |= at_most(v, splat8(at(floats, f + n))) << (8 * n)
        bits = transposed(bits)
        for lane in range(8):
            put(marks, lane, (bits >> (8 * lane)) & 255)
        sums = add(sums, gather8(model.values, at(ints, i + 2 * width + 1), marks))
        i += 2 * width + 2
        f += width
    return i, f, sums
