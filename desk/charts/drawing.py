"""What charts share when they draw: an empty figure of the look, and words cut to the room there is."""

from __future__ import annotations

import textwrap
from typing import Any

import plotly.graph_objects as go

from desk.charts.looks import Look
from desk.words import _, decimal, number


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


def outcome_name(outcome: str) -> str:
    """An outcome's word, with its sign beside it in every legend."""
    words = {"approve": _("Approved"), "refer": _("Referred"), "decline": _("Declined")}
    return words.get(outcome, outcome)


def client_line(figure: go.Figure, at: float | str, look: Look, text: str) -> None:
    """Mark the client's value with an upright line and its name above."""
    figure.add_vline(x=at, line={"color": look.ink, "width": 3})
    figure.add_annotation(x=at, y=1.0, yref="paper", yanchor="bottom", text=f"<b>◆ {text}</b>")


def whiskers(value: list[float], low: list[float | None], high: list[float | None], look: Look) -> dict[str, Any]:
    """Error bars from intervals that need not lie evenly around their values."""
    above = [0.0 if end is None else end - at for at, end in zip(value, high, strict=True)]
    below = [0.0 if end is None else at - end for at, end in zip(value, low, strict=True)]
    return {
        "type": "data",
        "symmetric": False,
        "array": above,
        "arrayminus": below,
        "color": look.ink,
        "thickness": 1.5,
        "width": 5,
    }


def _separators() -> str:
    """Decimal sign and sign between thousands, taken from how the language writes a number."""
    written = number(1234.5, 1)
    return written[-2] + (written[1] if not written[1].isdigit() else "")
