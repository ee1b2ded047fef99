# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call"
# Numba types these functions, not mypy: they take pointers to flat arrays, int64 offsets into them, and vectors.
"""From rows to slots: what splits compare with their thresholds, with every kind of missing value already decided.

A slot whose missing values go left holds -inf for them, one whose go right holds NaN, which is at most nothing. A
categorical slot holds 0 where its set has the category and 1 where not. So each split is one comparison.
"""

from __future__ import annotations

import numpy as np

from treeshap.lanes import absolute, at, at_most, gather8, inlined, load8, put, splat8, store, where
from treeshap.layout import DERIVED, FEATURES, SETS

ZERO = float(np.float32(1e-35))  # LightGBM's kZeroThreshold: what is not larger is zero
INFINITY = np.inf
NAN = np.nan


@inlined
def fill_lanes(rows, model, space):
    """Fill the slots of the eight rows that start at `space.offsets`, each slot a vector."""
    meta, ints, members, w, x = model.meta, model.ints, model.members, space.doubles, space.slots
    n = at(meta, FEATURES)
    tiny, zero, nan, low, high = splat8(ZERO), splat8(0.0), splat8(NAN), splat8(-INFINITY), splat8(INFINITY)
    one = splat8(1.0)
    for i in range(n):
        v = gather8(rows, at(ints, i), space.offsets)
        store(w, x + 8 * i, where(at_most(absolute(v), tiny), zero, v))
    source = n
    target = x + 8 * n
    for _ in range(at(meta, DERIVED)):
        v = load8(w, x + 8 * at(ints, source))
        store(w, target, where(at_most(v, high), v, low))
        source += 1
        target += 8
    for _ in range(at(meta, DERIVED + 1)):
        v = load8(w, x + 8 * at(ints, source))
        store(w, target, where(at_most(v, high), v, zero))
        source += 1
        target += 8
    for _ in range(at(meta, DERIVED + 2)):
        v = load8(w, x + 8 * at(ints, source))
        store(w, target, where(at_most(absolute(v), zero), nan, v))
        source += 1
        target += 8
    for _ in range(at(meta, DERIVED + 3)):
        v = load8(w, x + 8 * at(ints, source))
        v = where(at_most(absolute(v), zero), nan, v)
        store(w, target, where(at_most(v, high), v, low))
        source += 1
        target += 8
    for _ in range(at(meta, SETS)):
        raw = x + 8 * at(ints, source)
        target = x + 8 * at(ints, source + 1)
        groups = at(ints, source + 2)
        for g in range(groups):
            bits = 0
            for lane in range(8):
                bits |= at(members, set_row(at(w, raw + lane), ints, source) + g) << (8 * lane)
            bits = transposed(bits)
            for lane in range(8):
                store(w, target, where((bits >> (8 * lane)) & 255, zero, one))
                target += 8
        source += 5


@inlined
def set_row(v, ints, source):
    """Where category v's slots start in `members`: LightGBM truncates v, and sends NaN, negative and unknown right."""
    groups, categories, start = at(ints, source + 2), at(ints, source + 3), at(ints, source + 4)
    known = v > -1.0 and v < np.float64(categories)
    return start + groups * (np.int64(v) if known else categories)


@inlined
def transposed(bits):
    """8 x 8 bits transposed: bit j of byte i to bit i of byte j."""
    t = (bits ^ (bits >> 7)) & 0x00AA00AA00AA00AA
    bits = bits ^ t ^ (t << 7)
    t = (bits ^ (bits >> 14)) & 0x0000CCCC0000CCCC
    bits = bits ^ t ^ (t << 14)
    t = (bits ^ (bits >> 28)) & 0x00000000F0F0F0F0
    return bits ^ t ^ (t << 28)


@inlined
def fill_row(first, rows, model, space):
    """Fill the slots of the row that starts at `first`, each slot a double."""
    meta, ints, members, w, x = model.meta, model.ints, model.members, space.doubles, space.slots
    n = at(meta, FEATURES)
    for i in range(n):
        v = at(rows, first + at(ints, i))
        put(w, x + i, 0.0 if abs(v) <= ZERO else v)
    source = n
    target = x + n
    for _ in range(at(meta, DERIVED)):
        v = at(w, x + at(ints, source))
        put(w, target, v if v <= INFINITY else -INFINITY)
        source += 1
        target += 1
    for _ in range(at(meta, DERIVED + 1)):
        v = at(w, x + at(ints, source))
        put(w, target, v if v <= INFINITY else 0.0)
        source += 1
        target += 1
    for _ in range(at(meta, DERIVED + 2)):
        v = at(w, x + at(ints, source))
        put(w, target, NAN if v == 0.0 else v)
        source += 1
        target += 1
    for _ in range(at(meta, DERIVED + 3)):
        v = at(w, x + at(ints, source))
        put(w, target, v if abs(v) > 0.0 else -INFINITY)
        source += 1
        target += 1
    zero, one = splat8(0.0), splat8(1.0)
    for _ in range(at(meta, SETS)):
        base = set_row(at(w, x + at(ints, source)), ints, source)
        target = x + at(ints, source + 1)
        for g in range(at(ints, source + 2)):
            store(w, target + 8 * g, where(at(members, base + g), zero, one))
        source += 5


@inlined
def first_tree(meta):
    """Where the trees start in `ints`."""
    derived = at(meta, DERIVED) + at(meta, DERIVED + 1) + at(meta, DERIVED + 2) + at(meta, DERIVED + 3)
    return at(meta, FEATURES) + derived + 5 * at(meta, SETS)
