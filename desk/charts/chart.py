"""What every chart function gives: a picture, the same in words, and the same in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Cell = str | int | float | None
Rows = list[dict[str, Cell]]


@dataclass(frozen=True)
class Chart:
    """A chart that nobody has to see to read.

    `figure` is a plotly figure without a title of its own, `alternative` says in sentences what it shows, computed from
    the data, and `table` has its numbers: a list of rows from heading to value, with the unit in the heading.
    """

    title: str
    figure: Any
    alternative: str
    table: Rows
