"""A small tree's contributions for every outcome of its splits, worked out when the model is loaded.

A tree of m splits can only tell 2^m kinds of rows apart, so up to `MOST_SPLITS` splits a request looks its
contributions up: m comparisons and one line of memory for a tree.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from treeshap.model_text import Floats
from treeshap.plan import TreePlan, gauss

MOST_SPLITS = 7


def tabulate(plan: TreePlan) -> tuple[Floats, Floats]:
    """Return phi[2^m, m] by split and the tree's value[2^m]; bit i of a row: is split i's slot <= its threshold?"""
    m = len(plan.slots)
    bits = (np.arange(2**m)[:, None] >> np.arange(m)) & 1
    return evaluate(plan, bits.astype(bool))


def evaluate(plan: TreePlan, at_most: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The quadrature in NumPy, as docs/explaining.md states it: at_most[n, m] -> phi[n, m] by split, value[n]."""
    rows, size = at_most.shape
    t, weight = gauss((plan.distinct + 1) // 2)
    to_a = at_most != plan.flipped.astype(bool)
    alive = np.ones((rows, 1 + 2 * size), dtype=bool)
    e = np.empty((rows, size, 1))
    tau, omega = np.empty((size, len(t))), np.empty((size, len(t)))
    carried = np.empty((size, rows, len(t)))  # C: weight times the factors of the splits above
    for n in range(size):
        a = alive[:, plan.chain[n]]
        alive[:, 1 + 2 * n], alive[:, 2 + 2 * n] = a & to_a[:, n], a & ~to_a[:, n]
        e[:, n, 0] = alive[:, 1 + 2 * n] - plan.share[n] * a
        iq = 1.0 / (t + (1.0 - t) * plan.above[n])
        tau[n], omega[n] = t * iq, plan.above[n] * iq * iq
        if n == 0:
            carried[n] = weight
            continue
        parent, side = divmod(int(plan.edge[n]), 2)
        factor = plan.share[parent] + tau[parent] * e[:, parent]
        carried[n] = carried[parent] * (1.0 - factor if side else factor)
    phi, mean, value = np.empty((rows, size)), np.empty((size, rows, len(t))), np.empty((size, rows))
    for n in reversed(range(size)):
        a, b = plan.a[n], plan.b[n]
        low = mean[b] if b >= 0 else plan.value_b[n]
        d = (mean[a] if a >= 0 else plan.value_a[n]) - low
        mean[n] = low + d * (plan.share[n] + tau[n] * e[:, n])
        phi[:, n] = e[:, n, 0] * np.sum(omega[n] * carried[n] * d, axis=1)
        value[n] = np.where(
            to_a[:, n], value[a] if a >= 0 else plan.value_a[n], value[b] if b >= 0 else plan.value_b[n]
        )
    return phi, value[0]
