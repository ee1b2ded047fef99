"""Key figures side by side: a label, a large number, and what is to be known of it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from desk.parts.html import escape


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One figure; kind: an outcome's name where its colour says something."""

    label: str
    value: str
    note: str = ""
    kind: str = ""


def draw_key_figures(figures: list[KeyFigure], label: str) -> None:
    """Draw figures as tiles in one list, which a screen reader reads as labels and values."""
    tiles = "".join(
        f'<div class="{escape(one.kind)}"><dt>{escape(one.label)}</dt><dd><b>{escape(one.value)}</b>'
        f"<small>{escape(one.note)}</small></dd></div>"
        for one in figures
    )
    st.html(f'<section aria-label="{escape(label)}"><dl class="key-figures">{tiles}</dl></section>')
