"""What charts share when they draw: an empty figure of the look, and words cut to the room there is."""

from __future__ import annotations

import textwrap
from typing import Any

import plotly.graph_objects as go

from desk.charts.looks import Look
from desk.words import decimal, number


def blank(look: Look, *, height: int = 380, **layout: Any) -> go.Figure:
    """A figure in this look without a mark, whose numbers are written as the language writes them."""
    figure = go.Figure()
    figure.update_layout(template=look.template, height=height, separators=_separators(), **layout)
    return figure


def wrapped(text: str, width: int = 34, lines: int = 2) -> str:
    """The text over at most so many lines, as plotly breaks them, with … where something is left out."""
    cut = textwrap.wrap(text, width, max_lines=lines, placeholder=" …")
    return "<br>".join(cut)


def short_number(value: float) -> str:
    """A value as a person says it: no decimals from 100 on, at most two below, enough to see it below 0.1."""
    return decimal(value, 0 if abs(value) >= 100 else 2 if abs(value) >= 0.1 or value == 0 else 4)


def row_height(rows: int, *, each: int = 44, around: int = 96) -> int:
    """Height in pixels of a chart of horizontal bars, so that bars are equally thick everywhere."""
    return around + each * max(rows, 1)


def hundred(share: float | None) -> float | None:
    """A share as a percentage for a table."""
    return None if share is None else round(100 * share, 2)


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign, as contributions are told."""
    return ("+" if value > 0 else "−" if value < 0 else "") + number(abs(value), digits)


def _separators() -> str:
    """Decimal sign and sign between thousands, taken from how the language writes a number."""
    written = number(1234.5, 1)
    return written[-2] + (written[1] if not written[1].isdigit() else "")
