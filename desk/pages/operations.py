"""The page Operations: how deciding goes, for a person without Grafana; it moves while the stream runs."""

from __future__ import annotations

import streamlit as st

from desk.client.errors import ApiFault
from desk.parts.calls import draw_calls
from desk.parts.errors import show_fault
from desk.parts.frame import heading
from desk.parts.operations_views import SPANS, draw_now
from desk.session import DeskSession
from desk.words import _


def show(desk: DeskSession) -> None:
    """Draw the page."""
    heading(_("Operations"), _("How deciding goes at this moment; the page moves while the stream runs."))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        minutes = st.segmented_control(
            _("Looking back"),
            list(SPANS),
            default=15,
            required=True,
            format_func=lambda one: _(SPANS[one][0]),
            key="operations-minutes",
        )
        moving = st.toggle(_("Keep moving"), value=True, key="operations-moving")
    st.fragment(_draw_now, run_every=3.0 if moving else None)(desk, minutes or 15)
    draw_calls(desk)


def _draw_now(desk: DeskSession, minutes: int) -> None:
    try:
        draw_now(desk, minutes)
    except ApiFault as fault:
        show_fault(fault, retry=False)
