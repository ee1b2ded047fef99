"""Cells between how the API stores them and how a person sees them."""

from __future__ import annotations

from typing import Final

from desk.application.fields import DAYS_A_YEAR, FIELDS, FieldSpec
from desk.words import _, amount, decimal, number, years
from desk.words.categories import category_word
from desk.words.formats import NOTHING

Stored = float | int | str | None
Seen = float | str | None
# Home Credit's word for "has no employer" in DAYS_EMPLOYED.
_NEVER: Final = 365243


def seen(spec: FieldSpec, stored: Stored) -> Seen:
    """Return a stored cell as its widget holds it: years for days, yes or no for flags, None where missing."""
    if stored is None:
        return None
    if spec.kind in ("choice", "text_flag"):
        word = str(stored)
        return {"Y": "yes", "N": "no"}.get(word, word) if spec.kind == "text_flag" else word
    value = float(stored)
    if spec.kind == "flag":
        return "yes" if value else "no"
    if spec.kind == "years":
        return None if value == _NEVER else round(-value / DAYS_A_YEAR, 1)
    return value


def stored(spec: FieldSpec, value: Seen) -> Stored:
    """Return what a widget holds as the API stores it."""
    if value is None or value == "":
        return None
    if spec.kind == "text_flag":
        return "Y" if value == "yes" else "N"
    if spec.kind == "choice":
        return str(value)
    if spec.kind == "flag":
        return 1 if value == "yes" else 0
    if spec.kind == "years":
        return -round(float(value) * DAYS_A_YEAR)
    return int(float(value)) if spec.kind == "count" else float(value)


def told(column: str, cell: Stored) -> str:
    """Return a stored cell of any column in words."""
    spec = FIELDS.get(column)
    if cell is None:
        return NOTHING
    if spec is None:
        return category_word(cell) if isinstance(cell, str) else decimal(cell, 4)
    value = seen(spec, cell)
    if value is None:
        return _("none")
    if isinstance(value, str):
        return category_word(value)
    write = {"amount": amount, "years": years, "count": number}.get(spec.kind)
    return decimal(value, 3) if write is None else write(value)


def label(column: str) -> str:
    """Return a column's label, or its name where it has none."""
    return _(FIELDS[column].label) if column in FIELDS else column
