# mypy: disable-error-code="untyped-decorator"
# ruff: noqa: ARG001 (an intrinsic's signature is Numba's)
"""Vectors of doubles for Numba kernels, lowered to LLVM's own vector instructions.

LLVM's own vectorising of the kernels' inner loops was fragile (2 to 3 times slower, changing with each edit), so the
lanes are spelled out: a Numba type for `<w x double>` and the few operations that the kernels need. Loads and stores
take the address of an array's first element and an element's index, unchecked.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import njit
from numba.core import cgutils, types
from numba.core.extending import models, register_model
from numba.extending import intrinsic

_DOUBLE = ir.DoubleType()

inlined = njit(
    nogil=True, error_model="numpy", forceinline=True
)  # for kernels' parts: LLVM puts them into their callers
pasted = njit(
    nogil=True, error_model="numpy", inline="always"
)  # likewise, before types are known: never compiled alone


class Lanes(types.Type):  # type: ignore[misc]  # numba ships no types
    """A vector of `width` doubles that lives in registers."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"Lanes({width})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, dmm: Any, fe_type: Lanes) -> None:
        super().__init__(dmm, fe_type, ir.VectorType(_DOUBLE, fe_type.width))


LANES4 = Lanes(4)
LANES8 = Lanes(8)


def _vector(width: int) -> ir.VectorType:
    return ir.VectorType(_DOUBLE, width)


def _broadcast(builder: Any, value: Any, width: int) -> Any:
    undef = ir.Constant(ir.VectorType(value.type, width), ir.Undefined)
    first = builder.insert_element(undef, value, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width)
    return builder.shuffle_vector(first, undef, zeros)


def _address(builder: Any, array: Any, index: Any, kind: Any = None) -> Any:
    """The address of array[index], as that of a `kind` if given."""
    address = builder.gep(array, [index])
    return builder.bitcast(address, kind.as_pointer()) if kind is not None else address


@intrinsic
def pointer(typingctx: Any, array: Any) -> Any:
    """The address of array's first element; the caller keeps the array alive."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, value=args[0]).data

    return types.CPointer(array.dtype)(array), codegen


def _fmuladd(builder: Any, a: Any, b: Any, c: Any) -> Any:
    name = f"llvm.fma.v{a.type.count}f64"
    fn = cgutils.get_or_insert_function(builder.module, ir.FunctionType(a.type, [a.type] * 3), name)
    return builder.call(fn, [a, b, c])


def _pointer_at(kind: Any) -> Any:
    @intrinsic
    def pointer_at(typingctx: Any, addresses: Any, index: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            address = builder.load(_address(builder, args[0], args[1]))
            return builder.inttoptr(address, context.get_data_type(kind).as_pointer())

        return types.CPointer(kind)(addresses, types.int64), codegen

    return pointer_at


# The array whose address is addresses[index]; the caller keeps it alive.
doubles_at, int32s_at, bytes_at = (_pointer_at(kind) for kind in (types.float64, types.int32, types.uint8))


@intrinsic
def scratch_at(typingctx: Any, array: Any, index: Any) -> Any:
    """The address of array[index]."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _address(builder, args[0], args[1])

    return array(array, types.int64), codegen


@intrinsic
def as_ints(typingctx: Any, array: Any) -> Any:
    """The same memory, read as int64."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64).as_pointer())

    return types.CPointer(types.int64)(array), codegen


@intrinsic
def at(typingctx: Any, array: Any, index: Any) -> Any:
    """array[index]; integers of any width come as int64."""
    integer = isinstance(array.dtype, types.Integer)
    sig = (types.int64 if integer else array.dtype)(array, types.int64)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        value = builder.load(_address(builder, args[0], args[1]))
        if integer and value.type.width < 64:
            extend = builder.sext if array.dtype.signed else builder.zext
            value = extend(value, ir.IntType(64))
        return value

    return sig, codegen


@intrinsic
def put(typingctx: Any, array: Any, index: Any, value: Any) -> Any:
    """array[index] = value."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        target = _address(builder, args[0], args[1])
        item = context.cast(builder, args[2], signature.args[2], signature.args[0].dtype)
        builder.store(item, target)
        return context.get_dummy_value()

    return types.void(array, types.int64, value), codegen


def _load(width: int) -> Any:
    @intrinsic
    def load(typingctx: Any, array: Any, index: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.load(_address(builder, args[0], args[1], _vector(width)), align=8)

        return Lanes(width)(array, types.int64), codegen

    return load


def _splat(width: int) -> Any:
    @intrinsic
    def splat(typingctx: Any, value: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return _broadcast(builder, args[0], width)

        return Lanes(width)(types.float64), codegen

    return splat


load4, load8 = _load(4), _load(8)
splat4, splat8 = _splat(4), _splat(8)


@intrinsic
def load_like(typingctx: Any, like: Any, array: Any, index: Any) -> Any:
    """Load as many lanes as `like` has from array[index:]."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_address(builder, args[1], args[2], _vector(like.width)), align=8)

    return like(like, array, types.int64), codegen


@intrinsic
def splat_like(typingctx: Any, like: Any, value: Any) -> Any:
    """`value` in as many lanes as `like` has."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _broadcast(builder, args[1], like.width)

    return like(like, types.float64), codegen


@intrinsic
def store(typingctx: Any, array: Any, index: Any, lanes: Any) -> Any:
    """array[index : index + width] = lanes."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _address(builder, args[0], args[1], args[2].type), align=8)
        return context.get_dummy_value()

    return types.void(array, types.int64, lanes), codegen


def _binary(name: str) -> Any:
    @intrinsic
    def op(typingctx: Any, a: Any, b: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return getattr(builder, name)(args[0], args[1])

        return a(a, b), codegen

    return op


add, sub, mul, div = _binary("fadd"), _binary("fsub"), _binary("fmul"), _binary("fdiv")


@intrinsic
def fma(typingctx: Any, a: Any, b: Any, c: Any) -> Any:
    """a * b + c, rounded once."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _fmuladd(builder, *args)

    return a(a, b, c), codegen


@intrinsic
def at_most(typingctx: Any, a: Any, b: Any) -> Any:
    """Bits of the lanes where a <= b; NaN gives 0."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        bits = builder.bitcast(builder.fcmp_ordered("<=", args[0], args[1]), ir.IntType(a.width))
        return builder.zext(bits, ir.IntType(64)) if a.width < 64 else bits

    return types.int64(a, b), codegen


@intrinsic
def where(typingctx: Any, bits: Any, a: Any, b: Any) -> Any:
    """a in the lanes whose bit is set, b in the others."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        narrow = builder.trunc(args[0], ir.IntType(a.width))
        mask = builder.bitcast(narrow, ir.VectorType(ir.IntType(1), a.width))
        return builder.select(mask, args[1], args[2])

    return a(types.int64, a, b), codegen


@intrinsic
def total(typingctx: Any, a: Any) -> Any:
    """The sum over all lanes."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        width, value = a.width, args[0]
        while width > 1:
            half = width // 2
            index = ir.VectorType(ir.IntType(32), half)
            low = builder.shuffle_vector(value, value, ir.Constant(index, list(range(half))))
            high = builder.shuffle_vector(value, value, ir.Constant(index, list(range(half, width))))
            value, width = builder.fadd(low, high), half
        return builder.extract_element(value, ir.IntType(32)(0))

    return types.float64(a), codegen


@intrinsic(prefer_literal=True)
def constant(typingctx: Any, value: Any) -> Any:
    """A literal that LLVM knows and Numba's types do not: one typed function, specialised by LLVM."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return ir.IntType(64)(value.literal_value)

    return types.int64(value), codegen


@intrinsic
def absolute(typingctx: Any, a: Any) -> Any:
    """|a| in every lane."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        name = f"llvm.fabs.v{a.width}f64"
        fn = cgutils.get_or_insert_function(builder.module, ir.FunctionType(args[0].type, [args[0].type]), name)
        return builder.call(fn, [args[0]])

    return a(a), codegen


@intrinsic
def gather8(typingctx: Any, array: Any, index: Any, offsets: Any) -> Any:
    """array[index + offsets[i]] for i in 0..7: one column of eight rows."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        column, index, offsets = args
        lanes: Any = ir.Constant(_vector(8), ir.Undefined)
        for i in range(8):
            offset = builder.load(builder.gep(offsets, [ir.IntType(64)(i)]))
            value = builder.load(builder.gep(column, [builder.add(index, offset)]))
            lanes = builder.insert_element(lanes, value, ir.IntType(32)(i))
        return lanes

    return LANES8(array, types.int64, offsets), codegen


def _rows_to_columns(width: int) -> Any:
    @intrinsic
    def rows_to_columns(typingctx: Any, table: Any, places: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            rows = []
            for i in range(8):
                place = builder.load(builder.gep(args[1], [ir.IntType(64)(i)]))
                rows.append(builder.load(_address(builder, args[0], place, _vector(width)), align=8))
            if width == 4:  # two rows side by side, then two transpositions of 4 x 4 at once
                rows = [_shuffle(builder, rows[i], rows[i + 4], list(range(8))) for i in range(4)]
            step = 1
            while step < width:
                rows = _swapped(builder, rows, step)
                step *= 2
            return context.make_tuple(builder, signature.return_type, rows)

        return types.UniTuple(LANES8, width)(table, places), codegen

    return rows_to_columns


def _swapped(builder: Any, rows: list[Any], step: int) -> list[Any]:
    """One stage of Eklundh's transposition: swap the off-diagonal blocks of side `step`."""
    out = list(rows)
    for i in range(len(rows)):
        if not i & step:
            a, b = rows[i], rows[i | step]
            out[i] = _shuffle(builder, a, b, [8 + j - step if j & step else j for j in range(8)])
            out[i | step] = _shuffle(builder, a, b, [8 + j if j & step else j + step for j in range(8)])
    return out


def _shuffle(builder: Any, a: Any, b: Any, lanes: list[int]) -> Any:
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes))


rows_to_columns4, rows_to_columns8 = _rows_to_columns(4), _rows_to_columns(8)


@intrinsic
def prefetch(typingctx: Any, array: Any, index: Any) -> Any:
    """Ask for the cache line of array[index]; a hint, never a fault."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address = _address(builder, args[0], args[1])
        pointer_type, i32 = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer_type, i32, i32, i32])
        fn = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        builder.call(fn, [builder.bitcast(address, pointer_type), i32(0), i32(3), i32(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), codegen
