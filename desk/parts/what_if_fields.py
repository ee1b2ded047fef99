"""The sliders and lists of the page "What if"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from desk.application.fields import DAYS_A_YEAR, FIELDS, WHAT_IF_FIRST, FieldSpec
from desk.application.values import Seen, Stored, seen, stored
from desk.client.errors import ApiFault
from desk.client.model import CatalogColumn, ModelClient
from desk.parts.remembered import remembered
from desk.session import DeskSession
from desk.words import _
from desk.words.categories import category_word

_TURN: Final = "what-if-turn"  # part of the widgets' keys: another turn begins anew


def columns_of_catalog(desk: DeskSession) -> dict[str, CatalogColumn]:
    """Return the catalog's columns by name; none where it cannot be asked, for the fields have bounds too."""
    try:
        return {one.name: one for one in remembered("catalog", lambda: ModelClient(desk.api).catalog(), 600).columns}
    except ApiFault:
        return {}


def begin_anew() -> None:
    """Set all fields back to the application as it is."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def draw_changes_of(desk: DeskSession, application: Mapping[str, Stored], who: str) -> dict[str, Stored]:
    """Draw the fields and return the application with what was changed."""
    catalog = columns_of_catalog(desk)
    turn = st.session_state.get(_TURN, 0)
    more = st.multiselect(
        _("More fields"),
        [column for column in FIELDS if column not in WHAT_IF_FIRST],
        format_func=lambda column: _(FIELDS[column].label),
        placeholder=_("choose by name"),
        key=f"what-if-more-{who}",
    )
    changed = dict(application)
    left, right = st.columns(2, gap="medium")
    for place, column in enumerate([*WHAT_IF_FIRST, *more]):
        with (left, right)[place % 2]:
            value = _draw(
                FIELDS[column], application.get(column), catalog.get(column), f"what-if-{who}-{turn}-{column}"
            )
        before = seen(FIELDS[column], application.get(column))
        if value != before:
            changed[column] = stored(FIELDS[column], value)
    return changed


def _draw(spec: FieldSpec, cell: Stored, column: CatalogColumn | None, key: str) -> Seen:
    value, name = seen(spec, cell), _(spec.label)
    if spec.kind in ("choice", "flag", "text_flag"):
        options: Sequence[str] = (
            column.categories if spec.kind == "choice" and column else spec.choices or ("yes", "no")
        )
        if isinstance(value, str) and value not in options:
            options = [*options, value]
        place = list(options).index(value) if isinstance(value, str) else None
        chosen: str | None = st.selectbox(
            name, options, place, format_func=category_word, key=key, placeholder=_("not stated")
        )
        return chosen
    low, high = bounds(spec, column, value if isinstance(value, float) else None)
    if value is None:
        stated = st.checkbox(_("{field}: not stated; state it").format(field=name), key=f"{key}-stated")
        if not stated:
            return None
    start = float(value) if isinstance(value, float) else low + round((high - low) / 2 / spec.step) * spec.step
    number: float = st.slider(name, low, high, start, step=_step(spec, start), format="localized", key=key)
    return value if number == start and value is not None else number


def bounds(spec: FieldSpec, column: CatalogColumn | None, value: float | None) -> tuple[float, float]:
    """Return where a slider begins and ends: what is usual for the column, and the value itself."""
    low, high = float(spec.low), float(spec.high)
    if column is not None and column.low is not None and column.high is not None and column.high > column.low:
        ends = [column.low, column.high]
        if spec.kind == "years":
            ends = [-end / DAYS_A_YEAR for end in ends]
        usual = min(ends), max(ends)
        low, high = max(low, usual[0]), min(high, usual[1]) if high else usual[1]
    low, high = _down(low, spec.step), _down(high, spec.step) + spec.step
    if spec.kind == "score":
        low, high = 0.0, 1.0
    return (low, high) if value is None else (min(low, value), max(high, value))


def _down(value: float, step: float) -> float:
    return round(value // step * step, 6)


def _step(spec: FieldSpec, start: float) -> float:
    """Return a step under which the present value can be kept as it is."""
    fine = {"amount": 1.0, "score": 0.001, "years": 0.1, "count": 1.0}[spec.kind]
    return float(spec.step) if abs(start / spec.step - round(start / spec.step)) < 1e-9 else fine
