"""The model as the kernels read it: a few arrays, one tree after another in the order of traversal.

A request walks each array once from front to back, so that a cold start streams memory instead of hunting for it. Small
trees come first (see tables.py), then the large ones by the degree of their quadrature.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from treeshap.model_text import Floats, Ints, ParsedModel, ParsedTree
from treeshap.plan import (
    IN_SET,
    NAN_IS_ZERO,
    NAN_LEFT,
    PLAIN,
    ZERO_LEFT,
    ZERO_RIGHT,
    Slot,
    TreePlan,
    gauss,
    plan_tree,
    radau,
)
from treeshap.tables import MOST_SPLITS, tabulate

LANES = 8
LINE, HUGE_PAGE = 64, 2 << 20  # bytes
FEWEST_NODES = 2  # large trees with fewer distinct features than 2 nodes need are rare: they take 2

# Places in `PackedModel.meta`.
FEATURES, SLOTS, DERIVED, SETS, NARROW, WIDE, BATCH, ROW = 0, 1, 2, 6, 7, 8, 9, 10
COLUMNS, MARKS, INTS, FLOATS, EXTRA, QUADRATURE, TABLES, VALUES, MEMBERS, HEADER = range(11, 21)
LANES_FROM = 3  # fewer rows are quicker one by one
DERIVED_KINDS = (NAN_LEFT, NAN_IS_ZERO, ZERO_RIGHT, ZERO_LEFT)


@dataclass(frozen=True, slots=True)
class PackedModel:
    """The arrays that the kernels read, in one piece of memory.

    meta: int64, counts, the addresses of the other arrays, groups of trees. The others: ints: int32, slots, then trees;
    floats: float64, trees; extra: float64, what only the lane kernel reads of a tree; quadrature: float64, the expected
    value, the constant part, then nodes and weights of the groups; tables, values: float64, of small trees; members:
    uint8, for each category the categorical slots that hold it. scratch: how many doubles a call needs beside them.
    """

    meta: Ints
    scratch: int
    expected: float
    memory: npt.NDArray[np.uint8]


class _Slots:
    """Numbers the slots: used features first, then what is derived from them by kind, then sets by feature."""

    def __init__(self, plans: Iterable[TreePlan]) -> None:
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


def lay_out(model: ParsedModel) -> PackedModel:
    """Pack a parsed model."""
    plans = [plan_tree(tree) for tree in model.trees if tree.feature.size]
    slots = _Slots(plans)
    narrow = [p for p in plans if len(p.slots) <= 4]
    wide = [p for p in plans if 4 < len(p.slots) <= MOST_SPLITS]
    large = sorted((p for p in plans if len(p.slots) > MOST_SPLITS), key=lambda p: p.distinct)
    expected = float(sum(_expected(tree) for tree in model.trees))
    constant = float(sum(tree.value[0] for tree in model.trees if not tree.feature.size))
    packer = _Packer(slots, [expected, constant])
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
    marks = max(2 * max((len(p.slots) for p in large), default=0) + 1, len(narrow), len(wide), LANES)
    marks += -marks % LANES  # vectors follow
    meta = [
        *(len(slots.columns), slots.count, *map(len, slots.derived), len(slots.sets) // 5, len(narrow), len(wide)),
        *(len(batch_groups) // 3, len(row_groups) // 4, len(model.feature_names), marks),
    ]
    memory, views = _in_one_piece(
        [np.array([*meta, *[0] * (HEADER - len(meta)), *batch_groups, *row_groups], dtype=np.int64), *packer.arrays()]
    )
    views[0][INTS:HEADER] = [view.ctypes.data for view in views[1:]]
    features = LANES * (len(slots.columns) + 1)
    lanes, row = _room(large)
    scratch = LANES + marks + max(LANES * slots.count + features + lanes, slots.count + LANES + features + row) + LANES
    return PackedModel(views[0], scratch, expected, memory)


def _room(large: list[TreePlan]) -> tuple[int, int]:
    """How many doubles the largest tree needs in lanes, and for one row."""
    lanes = row = 0
    for p in large:
        size, inner, kept = len(p.slots), p.inner, int((p.chain > 0).sum()) + 1
        nodes, chunks = max(FEWEST_NODES, p.distinct // 2), -(-((p.distinct + 1) // 2) // LANES)
        lanes = max(lanes, LANES * (size + size * nodes + inner))
        row = max(row, size + LANES + LANES * (size * chunks + inner + 2 * kept * chunks))
    return lanes, row


def _expected(tree: ParsedTree) -> float:
    """LightGBM's Tree::ExpectedValue: the leaves' mean by their training rows."""
    return float(np.sum(tree.leaf_count / (tree.count[0] if tree.count.size else 1.0) * tree.value))


def aligned(size: int) -> Floats:
    """Return float64[size] that starts a cache line, so that 8 lanes never straddle two."""
    whole = np.empty(size + LANES)
    start = -whole.ctypes.data % LINE // whole.itemsize
    return whole[start : start + size]


def _in_one_piece(arrays: list[npt.NDArray[Any]]) -> tuple[npt.NDArray[np.uint8], list[npt.NDArray[Any]]]:
    """Copy arrays one after another, each to a cache line, into memory that starts a huge page.

    NumPy asks for huge pages from 4 MiB on; with cold caches the walks through page tables cost as much as the data.
    """
    starts = np.cumsum([0, *(-(-array.nbytes // LINE) * LINE for array in arrays)])
    memory = np.empty(max(int(starts[-1]), HUGE_PAGE) + HUGE_PAGE, np.uint8)
    first = -memory.ctypes.data % HUGE_PAGE
    views = []
    for start, array in zip(starts.tolist(), arrays, strict=False):
        view = memory[first + start : first + start + array.nbytes].view(array.dtype)
        view[:] = array
        views.append(view)
    return memory, views


class _Packer:
    def __init__(self, slots: _Slots, constants: list[float]) -> None:
        self._slots = slots
        self._ints: list[int] = [*slots.columns, *(i for group in slots.derived for i in group), *slots.sets]
        self._floats: list[Floats] = []
        self._batch: list[Floats] = []
        self._quadrature = constants
        self._tables: list[Floats] = []
        self._values: list[Floats] = []
        self._table_size = self._value_size = 0

    def quadrature_of(self, nodes: Floats) -> int:
        self._quadrature += nodes.tolist()
        return len(self._quadrature) - len(nodes)

    def small(self, p: TreePlan, width: int) -> None:
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

    def large(self, p: TreePlan) -> None:
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

    def arrays(self) -> list[npt.NDArray[Any]]:
        """In the order of their addresses in `meta`; wide loads may read past a last entry."""
        spare = np.zeros(LANES)
        return [
            np.array(self._ints, dtype=np.int32),
            np.concatenate([*self._floats, spare]),
            np.concatenate([*self._batch, spare]),
            np.array([*self._quadrature, *spare]),
            np.concatenate([*self._tables, spare]),
            np.concatenate([*self._values, spare]),
            self._slots.members,
        ]
