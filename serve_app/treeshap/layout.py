"""The model as the kernels read it: a few arrays, one tree after another in the order of traversal.

A request walks each array once from front to back, so that a cold start streams memory instead of hunting for it. Small
trees come first (see tables.py), then the large ones by the degree of their quadrature.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from serve_app.treeshap.model_text import Floats, Ints, Model
from serve_app.treeshap.plan import (
    IN_SET,
    NAN_IS_ZERO,
    NAN_LEFT,
    PLAIN,
    ZERO_LEFT,
    ZERO_RIGHT,
    Plan,
    Slot,
    gauss,
    plan,
    radau,
)
from serve_app.treeshap.tables import MOST_SPLITS, tabulate

LANES = 8
FEWEST_NODES = 2  # large trees with fewer distinct features than 2 nodes need are rare: they take 2

# Places in `Layout.meta`.
FEATURES, SLOTS, DERIVED, SETS, NARROW, WIDE, BATCH, ROW, HEADER = 0, 1, 2, 6, 7, 8, 9, 10, 11
DERIVED_KINDS = (NAN_LEFT, NAN_IS_ZERO, ZERO_RIGHT, ZERO_LEFT)


class Scratch(NamedTuple):
    """How much a call needs beside the model: doubles, and int64 marks with 8 row offsets at their end."""

    floats: int
    marks: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The arrays that the kernels read.

    meta: int64, counts and groups; ints: int32, slots, then trees; floats: float64, trees; batch: float64, what only
    the lane kernel reads of a tree; quadrature: float64, nodes and weights of the groups; tables, values: float64, of
    small trees; members: uint8, for each category the categorical slots that hold it.
    """

    meta: Ints
    ints: npt.NDArray[np.int32]
    floats: Floats
    batch: Floats
    quadrature: Floats
    tables: Floats
    values: Floats
    members: npt.NDArray[np.uint8]
    scratch: Scratch


class _Slots:
    """Numbers the slots: used features first, then what is derived from them by kind, then sets by feature."""

    def __init__(self, plans: Iterable[Plan]) -> None:
        slots = {slot for p in plans for slot in p.slots}
        self.columns = sorted({slot.feature for slot in slots})
        self.feature = {column: i for i, column in enumerate(self.columns)}
        self.place: dict[Slot, int] = {}
        self.derived: list[list[int]] = []
        for slot in slots:
            if slot.kind == PLAIN:
                self.place[slot] = self.feature[slot.feature]
        free = len(self.columns)
        for kind in DERIVED_KINDS:
            group = sorted(slot for slot in slots if slot.kind == kind)
            self.place.update((slot, free + i) for i, slot in enumerate(group))
            self.derived.append([self.feature[slot.feature] for slot in group])
            free += len(group)
        self.sets: list[int] = []
        members: list[npt.NDArray[np.uint8]] = []
        offset = 0
        for column, same in groupby(sorted(s for s in slots if s.kind == IN_SET), key=lambda slot: slot.feature):
            group = list(same)
            self.place.update((slot, free + i) for i, slot in enumerate(group))
            table = _membership([np.frombuffer(slot.members, np.uint8) for slot in group])
            self.sets += [self.feature[column], free, table.shape[1], len(table) - 1, offset]
            members.append(table.ravel())
            offset += table.size
            free += table.shape[1] * LANES
        self.members = np.concatenate([*members, np.zeros(1, np.uint8)])
        self.count = free


def _membership(sets: list[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    """Turn bit sets of categories into bit sets of slots: uint8[categories + 1, slots / 8], the last row for none."""
    longest = max(s.size for s in sets)
    by_slot = np.zeros((-(-len(sets) // LANES) * LANES, longest * 8 + 1), np.uint8)
    for row, s in zip(by_slot, sets, strict=False):
        row[: s.size * 8] = np.unpackbits(s, bitorder="little")
    return np.packbits(by_slot.T, axis=1, bitorder="little")


def lay_out(model: Model) -> Layout:
    """Pack a parsed model."""
    plans = [plan(tree) for tree in model.trees if tree.feature.size]
    slots = _Slots(plans)
    narrow = [p for p in plans if len(p.slots) <= 4]
    wide = [p for p in plans if 4 < len(p.slots) <= MOST_SPLITS]
    large = sorted((p for p in plans if len(p.slots) > MOST_SPLITS), key=lambda p: p.distinct)
    packer = _Packer(slots)
    for trees, width in ((narrow, 4), (wide, 8)):
        for p in trees:
            packer.small(p, width)
    batch_groups: list[int] = []
    row_groups: list[int] = []
    for k, same in groupby(large, key=lambda p: max(FEWEST_NODES, p.distinct // 2)):
        batch_groups += [k, len(list(same)), packer.quadrature_of(radau(k)[1])]
    for k, same in groupby(large, key=lambda p: (p.distinct + 1) // 2):
        pad = -k % LANES
        t, weight = gauss(k)
        nodes = np.concatenate([t, np.ones(pad), weight, np.zeros(pad)])  # a node of weight 0 must not be at 0
        width = 4 if k <= 4 else LANES
        row_groups += [width, (k + pad) // LANES, len(list(same)), packer.quadrature_of(nodes)]
    for p in large:
        packer.large(p)
    meta = np.array(
        [
            *(len(slots.columns), slots.count, *map(len, slots.derived), len(slots.sets) // 5, len(narrow), len(wide)),
            *(len(batch_groups) // 3, len(row_groups) // 4, *batch_groups, *row_groups),
        ],
        dtype=np.int64,
    )
    return packer.layout(meta, large)


class _Packer:
    def __init__(self, slots: _Slots) -> None:
        self._slots = slots
        self._ints: list[int] = [*slots.columns, *(i for group in slots.derived for i in group), *slots.sets]
        self._floats: list[Floats] = []
        self._batch: list[Floats] = []
        self._quadrature: list[float] = []
        self._tables: list[Floats] = []
        self._values: list[Floats] = []
        self._table_size = self._value_size = 0

    def quadrature_of(self, nodes: Floats) -> int:
        self._quadrature += nodes.tolist()
        return len(self._quadrature) - len(nodes)

    def small(self, p: Plan, width: int) -> None:
        """Pack slots, features, the place of the table; thresholds. A comparison with NaN pads with bit 0."""
        size = len(p.slots)
        phi, value = tabulate(p)
        features = sorted({slot.feature for slot in p.slots})
        table = np.zeros((2**size, width))
        for n, slot in enumerate(p.slots):
            table[:, features.index(slot.feature)] += phi[:, n]
        spare = len(self._slots.columns)
        local = [self._slots.feature[f] for f in features]
        self._ints += [self._slots.place[slot] for slot in p.slots] + [0] * (width - size)
        self._ints += local + [spare] * (width - len(local)) + [self._table_size, self._value_size]
        self._floats.append(np.concatenate([p.threshold, np.full(width - size, np.nan)]))
        self._tables.append(table.ravel())
        self._values.append(value)
        self._table_size += table.size
        self._value_size += value.size

    def large(self, p: Plan) -> None:
        size, inner = len(p.slots), p.inner
        repeats = p.chain > 0
        bottom = np.zeros(size + 1, np.int64)  # the tip at the end of a split's A children keeps E for all of them
        bottom[size] = -1
        bottom[inner:size] = np.arange(size - inner)
        for n in reversed(range(inner)):
            bottom[n] = bottom[p.a[n]]
        self._ints += [size, inner, int(repeats.sum())]
        for column in (
            [2 * self._slots.place[slot] + f for slot, f in zip(p.slots, p.flipped.tolist(), strict=True)],
            p.chain.tolist(),
            [self._slots.feature[slot.feature] for slot in p.slots],
            (np.cumsum(repeats) * repeats).tolist(),
            p.edge.tolist(),
            bottom[p.a[:inner]].tolist(),
            bottom[p.b[:inner]].tolist(),
        ):
            self._ints += column
        self._floats += [p.threshold, p.share, p.value_b[:inner], p.value_a[inner:], p.value_b[inner:]]
        self._floats.append(p.above[repeats])
        t, _, at_zero = radau(max(FEWEST_NODES, p.distinct // 2))
        above = np.concatenate([[1.0], p.above[repeats]])[:, None]
        iq = 1.0 / (t + (1.0 - t) * above)
        constant = at_zero * p.rest
        constant[:inner] *= p.gap[:inner]
        self._batch += [np.stack([t * iq, above * iq * iq], axis=1).ravel(), constant]

    def layout(self, meta: Ints, large: list[Plan]) -> Layout:
        features, slots = len(self._slots.columns) + 1, self._slots.count
        splits = max((len(p.slots) for p in large), default=0)
        lanes = row = 0
        for p in large:
            size, inner = len(p.slots), p.inner
            nodes = max(FEWEST_NODES, p.distinct // 2)
            chunks = -(-((p.distinct + 1) // 2) // LANES)
            kept = int((p.chain > 0).sum()) + 1
            lanes = max(lanes, LANES * (size + size * nodes + inner))
            row = max(row, size + LANES * (size * chunks + inner + 2 * kept * chunks) + LANES)
        floats = max(LANES * (slots + features) + lanes, slots + LANES * (features + 1) + row)
        trees = int(max(meta[NARROW], meta[WIDE]))
        return Layout(
            meta,
            np.array(self._ints, dtype=np.int32),
            _joined(self._floats),
            _joined(self._batch),
            _joined([np.array(self._quadrature)]),
            _joined(self._tables),
            _joined(self._values),
            self._slots.members,
            Scratch(floats + LANES, max(2 * splits + 1, trees, LANES) + LANES),
        )


def aligned(size: int) -> Floats:
    """Return float64[size] that starts a cache line, so that 8 lanes never straddle two."""
    whole = np.empty(size + LANES)
    start = -whole.ctypes.data % 64 // whole.itemsize
    return whole[start : start + size]


def _joined(parts: list[Floats]) -> Floats:
    size = sum(part.size for part in parts)
    joined = aligned(size + LANES)
    np.concatenate([*parts, np.zeros(LANES)], out=joined)  # wide loads may read past the last entry
    return joined
