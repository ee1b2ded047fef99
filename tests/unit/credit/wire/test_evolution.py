"""Which change of a schema breaks whom."""

from __future__ import annotations

from typing import Any

import pytest

from credit.wire.evolution import breaks

OLD: dict[str, Any] = {
    "type": "object",
    "properties": {"a": {"type": "integer", "minimum": 0}, "b": {"type": "string"}},
    "required": ["a"],
}


def changed(**more: Any) -> dict[str, Any]:
    return OLD | more


@pytest.mark.parametrize(
    ("new", "read", "written"),
    [
        (OLD, False, False),
        (changed(required=["a", "b"]), True, False),
        (changed(required=[]), False, True),
        (changed(properties=OLD["properties"] | {"a": {"type": "integer", "minimum": 1}}), True, False),
        (changed(properties=OLD["properties"] | {"a": {"type": "integer"}}), False, True),
        (changed(properties=OLD["properties"] | {"a": {"type": "string"}}), True, True),
    ],
)
def test_a_change_breaks_who_relies_on_it(new: dict[str, Any], read: bool, written: bool) -> None:
    """What is narrower breaks what we read, what is wider breaks what we write."""
    assert bool(breaks(OLD, new, read=True, written=False)) == read
    assert bool(breaks(OLD, new, read=False, written=True)) == written


def test_an_arrow_column_of_another_type_breaks_readers() -> None:
    """A column that is gone, or of another type, is told by its name."""
    old = OLD | {"x-arrow-columns": {"raw": "double", "mode": "int8"}}
    new = OLD | {"x-arrow-columns": {"raw": "float", "more": "int8"}}
    told = breaks(old, new, read=False, written=True)
    assert told == ["column raw: float instead of double", "column mode: gone instead of int8"]
