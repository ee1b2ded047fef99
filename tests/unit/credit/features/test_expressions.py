"""Expressions: what is hashed is the text of what runs."""

from __future__ import annotations

import numpy as np
import pytest

from credit.features.expressions import Expr, Program, col, count_missing, mean, missing_if, spread, total


def run(expr: Expr, **columns: float) -> float:
    return float(Program(tuple(columns), (expr,)).run(np.array([list(columns.values())]))[0, 0])


def test_a_definition_is_the_text_of_what_is_computed() -> None:
    """The definition that is hashed is printed from the expression that runs."""
    expr = (col("a") - 1.0) / missing_if(col("b"), 5.0)
    assert str(expr) == "((a - 1) / missing_if(b, 5))"
    assert run(expr, a=3.0, b=4.0) == 0.5
    assert np.isnan(run(expr, a=3.0, b=5.0))


def test_statistics_leave_out_what_is_missing() -> None:
    """Mean, total and spread count only what is there."""
    nan = float("nan")
    values = (col("a"), col("b"), col("c"))
    assert run(mean(*values), a=1.0, b=nan, c=3.0) == 2.0
    assert run(total(*values), a=1.0, b=nan, c=3.0) == 4.0
    assert run(spread(*values), a=1.0, b=nan, c=3.0) == 1.0
    assert run(count_missing(*values), a=nan, b=nan, c=3.0) == 2.0
    assert np.isnan(run(mean(*values), a=nan, b=nan, c=nan))


def test_an_unknown_column_is_a_mistake_when_the_program_is_built() -> None:
    """A misspelt column fails at import, not at an applicant."""
    with pytest.raises(ValueError, match="NO_SUCH"):
        Program(("a",), (col("NO_SUCH") + 1.0,))


def test_operations_that_share_a_call_read_their_own_columns() -> None:
    """Columns in a row, at equal distances, in any order, or one for all: each expression gets its own."""
    names = tuple("abcdef")
    row = np.array([[2.0, 3.0, 5.0, 7.0, 11.0, 13.0]])
    for pairs in (
        (("a", "b"), ("b", "c"), ("c", "d")),
        (("a", "f"), ("c", "f"), ("e", "f")),
        (("f", "a"), ("d", "b"), ("e", "b")),
        (("b", "f"), ("b", "a")),
    ):
        program = Program(names, tuple(col(one) * col(other) for one, other in pairs))
        values = dict(zip(names, row[0].tolist(), strict=True))
        assert program.run(row)[0].tolist() == [values[one] * values[other] for one, other in pairs]
