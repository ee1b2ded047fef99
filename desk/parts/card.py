"""Cards and small pieces of text on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from desk.parts.html import escape


@contextmanager
def card(name: str, title: str = "", lead: str = "") -> Iterator[None]:
    """Open a card; name: unique on the page. Its title is a heading of the second level."""
    with st.container(key=f"card-{name}"):
        if title:
            below = f"<p>{escape(lead)}</p>" if lead else ""
            st.html(f'<div class="card-head"><h2>{escape(title)}</h2>{below}</div>')
        yield


def facts(pairs: list[tuple[str, str]]) -> str:
    """Return labels and values as an HTML list of descriptions."""
    rows = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in pairs)
    return f'<dl class="facts">{rows}</dl>'


def done(message: str) -> None:
    """Say at the next view that something was done; a rerun in between does not lose it."""
    st.session_state["desk.done"] = message


def say_what_was_done() -> None:
    """Show what `done` left, once.

    The place is always there: what comes below would else move up and be made anew, and an opened part of it shut.
    """
    with st.container(key="desk-done"):
        message = st.session_state.pop("desk.done", None)
        if message:
            st.success(message, icon=":material/check_circle:")
