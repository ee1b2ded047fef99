# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call"
# Numba types these functions, not mypy: they take pointers to flat arrays, int64 offsets into them, and vectors.
"""What every kernel is given: the model's arrays, and the memory that one call works in.

Both are named tuples, which Numba takes apart when it compiles: a name costs nothing. `layout.py` says what the arrays
hold; a kernel walks them by pointer, without bounds checks, and returns how far it came.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from treeshap.lanes import as_ints, at, bytes_at, doubles_at, inlined, int32s_at, scratch_at
from treeshap.layout import EXTRA, FEATURES, FLOATS, INTS, MARKS, MEMBERS, QUADRATURE, SLOTS, TABLES, VALUES


class ModelArrays(NamedTuple):
    """The addresses of a `PackedModel`'s arrays, by its names; meta: its counts."""

    meta: Any
    ints: Any
    floats: Any
    extra: Any
    quadrature: Any
    tables: Any
    values: Any
    members: Any


class WorkSpace(NamedTuple):
    """One call's scratch, and where in `doubles` its parts begin.

    offsets: int64[8], where the rows of the lanes start; marks: int64, which rows are alive below each split of a tree;
    slots: what splits compare; phi: contributions by feature; free: from here on a tree's own.
    """

    offsets: Any
    marks: Any
    doubles: Any
    slots: Any
    phi: Any
    free: Any


@inlined
def model_arrays(meta):
    return ModelArrays(
        meta=meta,
        ints=int32s_at(meta, INTS),
        floats=doubles_at(meta, FLOATS),
        extra=doubles_at(meta, EXTRA),
        quadrature=doubles_at(meta, QUADRATURE),
        tables=doubles_at(meta, TABLES),
        values=doubles_at(meta, VALUES),
        members=bytes_at(meta, MEMBERS),
    )


@inlined
def work_space(scratch, meta, width):
    """Divide the scratch for `width` doubles a slot: 8 where rows go in lanes, 1 for a single row."""
    doubles = scratch_at(scratch, 8 + at(meta, MARKS))
    phi = (width * at(meta, SLOTS) + 7) // 8 * 8
    free = phi + 8 * (at(meta, FEATURES) + 1)
    return WorkSpace(
        offsets=as_ints(scratch), marks=as_ints(scratch_at(scratch, 8)), doubles=doubles, slots=0, phi=phi, free=free
    )
