# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call"
# Numba types these functions, not mypy: they take pointers to flat arrays, int64 offsets into them, and vectors.
"""Large trees: the quadrature, one pass down and one up; docs/explaining.md states it with the same letters.

Eight rows go in the lanes of a vector, node after node of the quadrature; a single row has the nodes in the lanes. All
passes are plain loops over a tree's splits in a fixed order, with no branch on a split's kind: with a handful of
instructions a split, a mispredicted branch would cost more than the split.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from treeshap.lanes import (
    add,
    at,
    at_most,
    div,
    fma,
    inlined,
    load8,
    load_like,
    mul,
    put,
    splat8,
    splat_like,
    store,
    sub,
    where,
)


class LargeTree(NamedTuple):
    """Where the parts of a large tree lie in `ints` (slot to b) and `floats` (threshold to above); see layout.py.

    size, inner, repeats: how many splits, those with a split below, those whose feature was split on above; next_int,
    next_float: where the next tree starts.
    """

    size: int
    inner: int
    repeats: int
    slot: int
    chain: int
    feature: int
    tau: int
    edge: int
    a: int
    b: int
    threshold: int
    share: int
    beside: int
    tip_a: int
    tip_b: int
    above: int
    next_int: int
    next_float: int


@inlined
def tree_at(model, i, f):
    """Read the head of the tree at `ints[i]`, whose doubles start at `floats[f]`."""
    size, inner, repeats = at(model.ints, i), at(model.ints, i + 1), at(model.ints, i + 2)
    tips = size - inner
    slot = i + 3
    a = slot + 5 * size
    beside = f + 2 * size
    tip_a = beside + inner
    above = tip_a + 2 * tips
    return LargeTree(
        size=size,
        inner=inner,
        repeats=repeats,
        slot=slot,
        chain=slot + size,
        feature=slot + 2 * size,
        tau=slot + 3 * size,
        edge=slot + 4 * size,
        a=a,
        b=a + inner,
        threshold=f,
        share=f + size,
        beside=beside,
        tip_a=tip_a,
        tip_b=tip_a + tips,
        above=above,
        next_int=a + 2 * inner,
        next_float=above + repeats,
    )


@inlined
def large_lanes(k_nodes, model, i, f, b, space):  # noqa: PLR0915 (four passes)
    """Add one tree's contributions to eight rows; C of the root is in place. Returns where the next tree starts."""
    ints, floats, w, marks = model.ints, model.floats, space.doubles, space.marks
    extra, x, phi = model.extra, space.slots, space.phi
    t = tree_at(model, i, f)
    zero, one = splat8(0.0), splat8(1.0)
    tips = t.size - t.inner
    tau = b
    at_zero = tau + 2 * k_nodes * (t.repeats + 1)
    e_at = space.free
    c_at = e_at + 8 * t.size
    m_at = c_at + 8 * k_nodes * t.inner
    leaf_at = m_at + 8 * k_nodes * tips
    for n in range(t.size):
        s = at(ints, t.slot + n)
        to_a = at_most(load8(w, x + (s >> 1) * 8), splat8(at(floats, t.threshold + n))) ^ -(s & 1)
        alive = at(marks, at(ints, t.chain + n))
        here = alive & to_a
        put(marks, 2 * n + 1, here)
        put(marks, 2 * n + 2, alive & ~to_a)
        share = splat8(at(floats, t.share + n))
        store(w, e_at + 8 * n, sub(where(here, one, zero), where(alive, share, zero)))
    for n in range(1, t.inner):
        parent = at(ints, t.edge + n)
        side = parent & 1
        parent >>= 1
        share = at(floats, t.share + parent)
        base = splat8(1.0 - share if side else share)
        e = mul(load8(w, e_at + 8 * parent), splat8(1.0 - 2.0 * side))
        q = tau + 2 * k_nodes * at(ints, t.tau + parent)
        source = c_at + 8 * k_nodes * parent
        target = c_at + 8 * k_nodes * n
        for k in range(k_nodes):
            store(w, target + 8 * k, mul(load8(w, source + 8 * k), fma(splat8(at(extra, q + k)), e, base)))
    for j in range(tips):
        n = t.inner + j
        parent = at(ints, t.edge + n)
        side = parent & 1
        parent >>= 1
        share = at(floats, t.share + parent)
        base = splat8(1.0 - share if side else share)
        e_up = mul(load8(w, e_at + 8 * parent), splat8(1.0 - 2.0 * side))
        q_up = tau + 2 * k_nodes * at(ints, t.tau + parent)
        source = c_at + 8 * k_nodes * parent
        low = at(floats, t.tip_b + j)
        d = at(floats, t.tip_a + j) - low
        e = mul(load8(w, e_at + 8 * n), splat8(d))
        mean = splat8(low + d * at(floats, t.share + n))
        q = tau + 2 * k_nodes * at(ints, t.tau + n)
        s = splat8(at(extra, at_zero + n))
        for k in range(k_nodes):
            c = mul(load8(w, source + 8 * k), fma(splat8(at(extra, q_up + k)), e_up, base))
            s = fma(c, splat8(at(extra, q + k_nodes + k)), s)
            store(w, m_at + 8 * (j * k_nodes + k), fma(splat8(at(extra, q + k)), e, mean))
        target = phi + 8 * at(ints, t.feature + n)
        store(w, target, fma(e, s, load8(w, target)))
    for n in range(t.inner):
        store(w, leaf_at + 8 * n, splat8(at(floats, t.beside + n)))
    for down in range(t.inner):
        n = t.inner - 1 - down
        e = load8(w, e_at + 8 * n)
        share = splat8(at(floats, t.share + n))
        q = tau + 2 * k_nodes * at(ints, t.tau + n)
        mean_a = m_at + 8 * k_nodes * at(ints, t.a + n)
        other = at(ints, t.b + n)
        mean_b = leaf_at + 8 * n if other < 0 else m_at + 8 * k_nodes * other
        step = 0 if other < 0 else 8
        s = splat8(at(extra, at_zero + n))
        source = c_at + 8 * k_nodes * n
        for k in range(k_nodes):
            low_ = load8(w, mean_b + step * k)
            gap = sub(load8(w, mean_a + 8 * k), low_)
            store(w, mean_a + 8 * k, fma(gap, fma(splat8(at(extra, q + k)), e, share), low_))
            s = fma(mul(gap, splat8(at(extra, q + k_nodes + k))), load8(w, source + 8 * k), s)
        target = phi + 8 * at(ints, t.feature + n)
        store(w, target, fma(e, s, load8(w, target)))
    return t.next_int, t.next_float, at_zero + t.size


@inlined
def group_lanes(k_nodes, count, model, i, f, b, q, space):
    """Add the contributions of `count` trees of one quadrature, whose weights, at `quadrature[q]`, are the root's C."""
    for _ in range(count):
        size = at(model.ints, i)
        for k in range(k_nodes):
            store(space.doubles, space.free + 8 * (size + k), splat8(at(model.quadrature, q + k)))
        i, f, b = large_lanes(k_nodes, model, i, f, b, space)
    return i, f, b


@inlined
def large_row(like, chunks, model, i, f, q, space):  # noqa: PLR0915 (likewise)
    """Add one tree's contributions to one row: the nodes of the quadrature are the lanes, `chunks` vectors of them."""
    ints, floats, w, marks = model.ints, model.floats, space.doubles, space.marks
    quadrature, x, phi = model.quadrature, space.slots, space.phi
    width = 8 * chunks
    t = tree_at(model, i, f)
    tips = t.size - t.inner
    e_at = space.free
    tau_at = e_at + (t.size + 7) // 8 * 8
    omega_at = tau_at + width * (t.repeats + 1)
    c_at = omega_at + width * (t.repeats + 1)
    m_at = c_at + width * t.inner
    leaf_at = m_at + width * tips
    one = splat_like(like, 1.0)
    for n in range(t.size):
        s = at(ints, t.slot + n)
        to_a = np.int64(at(w, x + (s >> 1)) <= at(floats, t.threshold + n)) ^ (s & 1)
        alive = at(marks, at(ints, t.chain + n)) & 1
        here = alive & to_a
        put(marks, 2 * n + 1, here)
        put(marks, 2 * n + 2, alive ^ here)
        put(w, e_at + n, np.float64(here) - (at(floats, t.share + n) if alive else 0.0))
    for k in range(chunks):
        node = load_like(like, quadrature, q + 8 * k)
        store(w, tau_at + 8 * k, node)
        store(w, omega_at + 8 * k, one)
        store(w, c_at + 8 * k, load_like(like, quadrature, q + width + 8 * k))
        absent = sub(one, node)
        for r in range(t.repeats):
            above = splat_like(like, at(floats, t.above + r))
            iq = div(one, fma(absent, above, node))
            store(w, tau_at + width * (r + 1) + 8 * k, mul(node, iq))
            store(w, omega_at + width * (r + 1) + 8 * k, mul(mul(above, iq), iq))
    for n in range(1, t.inner):
        parent = at(ints, t.edge + n)
        side = parent & 1
        parent >>= 1
        share = at(floats, t.share + parent)
        e = at(w, e_at + parent)
        base = splat_like(like, 1.0 - share if side else share)
        ee = splat_like(like, -e if side else e)
        tau = tau_at + width * at(ints, t.tau + parent)
        for k in range(chunks):
            factor = fma(load_like(like, w, tau + 8 * k), ee, base)
            store(w, c_at + width * n + 8 * k, mul(load_like(like, w, c_at + width * parent + 8 * k), factor))
    for j in range(tips):
        n = t.inner + j
        parent = at(ints, t.edge + n)
        side = parent & 1
        parent >>= 1
        share = at(floats, t.share + parent)
        e = at(w, e_at + parent)
        base = splat_like(like, 1.0 - share if side else share)
        ee = splat_like(like, -e if side else e)
        tau_up = tau_at + width * at(ints, t.tau + parent)
        low = at(floats, t.tip_b + j)
        d = at(floats, t.tip_a + j) - low
        mean = splat_like(like, low + d * at(floats, t.share + n))
        de = splat_like(like, d * at(w, e_at + n))
        tau = width * at(ints, t.tau + n)
        target = phi + 8 * at(ints, t.feature + n)
        s = load_like(like, w, target)
        for k in range(chunks):
            factor = fma(load_like(like, w, tau_up + 8 * k), ee, base)
            c = mul(load_like(like, w, c_at + width * parent + 8 * k), factor)
            s = fma(mul(c, load_like(like, w, omega_at + tau + 8 * k)), de, s)
            store(w, m_at + width * j + 8 * k, fma(load_like(like, w, tau_at + tau + 8 * k), de, mean))
        store(w, target, s)
    for n in range(t.inner):
        store(w, leaf_at + 8 * n, splat_like(like, at(floats, t.beside + n)))
    for down in range(t.inner):
        n = t.inner - 1 - down
        ee = splat_like(like, at(w, e_at + n))
        base = splat_like(like, at(floats, t.share + n))
        tau = width * at(ints, t.tau + n)
        mean_a = m_at + width * at(ints, t.a + n)
        b = at(ints, t.b + n)
        mean_b = leaf_at + 8 * n if b < 0 else m_at + width * b
        step = 0 if b < 0 else 8
        target = phi + 8 * at(ints, t.feature + n)
        s = load_like(like, w, target)
        for k in range(chunks):
            low_ = load_like(like, w, mean_b + step * k)
            gap = sub(load_like(like, w, mean_a + 8 * k), low_)
            factor = fma(load_like(like, w, tau_at + tau + 8 * k), ee, base)
            store(w, mean_a + 8 * k, fma(gap, factor, low_))
            c = mul(load_like(like, w, c_at + width * n + 8 * k), load_like(like, w, omega_at + tau + 8 * k))
            s = fma(mul(c, gap), ee, s)
        store(w, target, s)
    return t.next_int, t.next_float


@inlined
def large_values(count, model, i, f, space, sums):
    """Add the values of `count` large trees to sums: the quadrature's upward pass where all is known."""
    ints, floats, w, marks = model.ints, model.floats, space.doubles, space.marks
    x, free = space.slots, space.free
    for _ in range(count):
        t = tree_at(model, i, f)
        for n in range(t.size):
            s = at(ints, t.slot + n)
            put(marks, n, at_most(load8(w, x + (s >> 1) * 8), splat8(at(floats, t.threshold + n))) ^ -(s & 1))
        tips = t.size - t.inner
        for j in range(tips):
            a, b = splat8(at(floats, t.tip_a + j)), splat8(at(floats, t.tip_b + j))
            store(w, free + 8 * j, where(at(marks, t.inner + j), a, b))
        leaf_at = free + 8 * tips
        for n in range(t.inner):
            store(w, leaf_at + 8 * n, splat8(at(floats, t.beside + n)))
        for down in range(t.inner):
            n = t.inner - 1 - down
            a_at = free + 8 * at(ints, t.a + n)
            b = at(ints, t.b + n)
            b_at = leaf_at + 8 * n if b < 0 else free + 8 * b
            store(w, a_at, where(at(marks, n), load8(w, a_at), load8(w, b_at)))
        sums = add(sums, load8(w, free + 8 * at(ints, t.a)))
        i, f = t.next_int, t.next_float
    return i, f, sums
