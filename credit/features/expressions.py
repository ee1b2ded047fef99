"""A small language of column arithmetic: the text of a feature's definition is what is computed.

An `Expr` is built with Python's operators from columns; a `Program` compiles many of them into few numpy calls, each on
all features of one kind and all rows at once. Only operations that IEEE 754 rounds exactly are offered, so that a row
gives the same bits alone and in a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray

Operation = Callable[..., FloatArray]
BLOCK_ROWS = 512  # rows a pass: the working matrix stays in the caches, and memory stays bounded


@dataclass(frozen=True, slots=True)
class Expr:
    """A column (`column`), a constant (`constant`) or an operation on others; NaN is missing and spreads."""

    op: str
    args: tuple[Expr, ...] = ()
    column: str = ""
    constant: float = 0.0

    def __add__(self, other: Expr | float) -> Expr:
        return Expr("+", (self, _expr(other)))

    def __sub__(self, other: Expr | float) -> Expr:
        return Expr("-", (self, _expr(other)))

    def __mul__(self, other: Expr | float) -> Expr:
        return Expr("*", (self, _expr(other)))

    def __truediv__(self, other: Expr | float) -> Expr:
        """Divide; missing where the divisor is 0."""
        return Expr("/", (self, _expr(other)))

    def __str__(self) -> str:
        if self.op == "column":
            return self.column
        if self.op == "constant":
            return f"{self.constant:g}"
        if self.op in _INFIX:
            return f"({self.args[0]} {self.op} {self.args[1]})"
        return f"{self.op}({', '.join(str(arg) for arg in self.args)})"


def _expr(value: Expr | float) -> Expr:
    return value if isinstance(value, Expr) else Expr("constant", constant=float(value))


def col(name: str) -> Expr:
    """Return the column of this name."""
    return Expr("column", column=name)


def missing_if(value: Expr, code: float) -> Expr:
    """Return `value`, missing where it equals `code` (Home Credit writes 365243 days for 'never')."""
    return Expr("missing_if", (value, _expr(code)))


def equals(value: Expr, code: float) -> Expr:
    """Return 1 where `value` equals `code`, 0 where not, missing where it is missing."""
    return Expr("equals", (value, _expr(code)))


def below(value: Expr, bound: float) -> Expr:
    """Return 1 where `value` is below `bound`, 0 where not, missing where it is missing."""
    return Expr("below", (value, _expr(bound)))


def is_missing(value: Expr) -> Expr:
    """Return 1 where `value` is missing, else 0."""
    return Expr("is_missing", (value,))


def or_zero(value: Expr) -> Expr:
    """Return `value`, 0 where it is missing."""
    return Expr("or_zero", (value,))


def root(value: Expr) -> Expr:
    """Return the square root, missing for negative values."""
    return Expr("root", (value,))


def smallest(*values: Expr) -> Expr:
    """Return the smallest of the values that are not missing."""
    return _fold("smallest", values)


def largest(*values: Expr) -> Expr:
    """Return the largest of the values that are not missing."""
    return _fold("largest", values)


def total(*values: Expr) -> Expr:
    """Return the sum, what is missing counting as 0."""
    return _fold("+", tuple(or_zero(value) for value in values))


def count_missing(*values: Expr) -> Expr:
    """Return how many of the values are missing."""
    return _fold("+", tuple(is_missing(value) for value in values))


def mean(*values: Expr) -> Expr:
    """Return the mean of the values that are not missing; missing where all are."""
    return total(*values) / (_expr(len(values)) - count_missing(*values))


def spread(*values: Expr) -> Expr:
    """Return the root mean square distance from the mean of the values that are not missing."""
    centre = mean(*values)
    return root(mean(*((value - centre) * (value - centre) for value in values)))


def _fold(op: str, values: tuple[Expr, ...]) -> Expr:
    result = values[0]
    for value in values[1:]:
        result = Expr(op, (result, value))
    return result


_INFIX = frozenset("+-*/")


def _divide(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(a / np.where(b == 0.0, np.nan, b))


_OPERATIONS: dict[str, Operation] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": _divide,
    "smallest": np.fmin,
    "largest": np.fmax,
    "missing_if": lambda a, b: np.where(a == b, np.nan, a),
    "equals": lambda a, b: np.where(np.isnan(a), np.nan, a == b),
    "below": lambda a, b: np.where(np.isnan(a), np.nan, a < b),
    "is_missing": np.isnan,
    "or_zero": lambda a: np.where(np.isnan(a), 0.0, a),
    "root": np.sqrt,
}

# Rows of the working matrix: as a slice where they can be, which reads them where they are.
Index = npt.NDArray[np.intp] | slice


@dataclass(frozen=True, slots=True)
class _Step:
    """One numpy call: the operation on rows `args` of the working matrix, into rows start:stop."""

    operation: Operation
    start: int
    stop: int
    args: tuple[Index, ...]


class Program:
    """Expressions over named input columns, compiled to numpy calls on a working matrix (a row of it a value).

    Equal subexpressions are computed once; operations of one kind that depend on nothing of each other share a call.
    """

    def __init__(self, inputs: Sequence[str], outputs: Sequence[Expr]) -> None:
        self._input_count = len(inputs)
        slot: dict[Expr, int] = {col(name): i for i, name in enumerate(inputs)}
        level: dict[Expr, int] = {}
        for output in outputs:
            _visit(output, slot, level)
        constants = [node for node in level if node.op == "constant"]
        for node in constants:
            slot[node] = len(slot)
        self._constants = np.array([node.constant for node in constants], dtype=np.float64)[:, None]
        groups: dict[tuple[int, str], list[Expr]] = {}
        for node, depth in level.items():
            if node.op != "constant":
                groups.setdefault((depth, node.op), []).append(node)
        self._steps: list[_Step] = []
        for (_, op), nodes in sorted(groups.items(), key=lambda item: item[0]):
            start = len(slot)
            for node in nodes:
                slot[node] = len(slot)
            arity = len(nodes[0].args)
            args = tuple(_rows([slot[node.args[i]] for node in nodes]) for i in range(arity))
            self._steps.append(_Step(_OPERATIONS[op], start, len(slot), args))
        self._slots = len(slot)
        self._output = np.array([slot[output] for output in outputs], dtype=np.intp)

    def run(self, *inputs: npt.NDArray[np.floating]) -> FloatArray:
        """Return float64[n, outputs], C-contiguous, from matrices that together hold the inputs' columns in order."""
        n = len(inputs[0])
        result = np.empty((n, len(self._output)), dtype=np.float64)
        with np.errstate(all="ignore"):
            for start in range(0, n, BLOCK_ROWS):
                stop = min(start + BLOCK_ROWS, n)
                result[start:stop] = self._block([block[start:stop] for block in inputs], stop - start).T
        return result

    def _block(self, inputs: list[npt.NDArray[np.floating]], n: int) -> FloatArray:
        work = np.empty((self._slots, n), dtype=np.float64)
        at = 0
        for block in inputs:
            work[at : at + block.shape[1]] = block.T
            at += block.shape[1]
        if at != self._input_count:
            raise ValueError(f"expected {self._input_count} input columns, got {at}")
        work[at : at + len(self._constants)] = self._constants
        for step in self._steps:
            work[step.start : step.stop] = step.operation(*(work[rows] for rows in step.args))
        return np.asarray(work[self._output])


def _rows(slots: list[int]) -> Index:
    """Return how to read these rows: for a lone application a gathered copy costs more than what is computed on it."""
    first, steps = slots[0], {b - a for a, b in pairwise(slots)}
    if not steps or steps == {0}:  # one row, which numpy reads again for every row of the other argument
        return slice(first, first + 1)
    if len(steps) == 1 and (step := steps.pop()) > 0:
        return slice(first, slots[-1] + 1, step)
    return np.array(slots, dtype=np.intp)


def _visit(node: Expr, slot: Mapping[Expr, int], level: dict[Expr, int]) -> int:
    """Record the depth of `node` and of all below it; inputs are depth 0, and an unknown column is a mistake."""
    if node in slot:
        return 0
    if node in level:
        return level[node]
    if node.op == "column":
        raise ValueError(f"{node.column} is not an input column")
    depth = 1 + max((_visit(arg, slot, level) for arg in node.args), default=-1)
    level[node] = depth
    return depth
