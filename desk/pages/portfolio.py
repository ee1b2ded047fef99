"""The page Portfolio: who is decided how, what became of them, and what another policy would have cost."""

from __future__ import annotations

import streamlit as st

from desk.parts.frame import heading
from desk.parts.key_figures import draw_key_figures
from desk.parts.portfolio_export import draw_export
from desk.parts.portfolio_filters import choose_filters
from desk.parts.portfolio_views import draw_overview, draw_theme, draw_thresholds, key_figures, overview_of
from desk.parts.themes import THEMES, theme_name
from desk.session import DeskSession
from desk.words import _


def show(desk: DeskSession) -> None:
    """Draw the page."""
    heading(_("Portfolio"), _("Who is decided how, what became of them, and what another policy would have cost."))
    wanted = choose_filters(desk)
    draw_key_figures(key_figures(overview_of(desk, wanted)), _("Key figures"))
    views = {"overview": _("Over time"), **{theme: theme_name(theme) for theme in THEMES}, "thresholds": _("Threshold")}
    chosen = st.segmented_control(
        _("View"),
        list(views),
        default="overview",
        required=True,
        format_func=lambda one: views[one],
        key="portfolio-view",
    )
    if chosen == "thresholds":
        draw_thresholds(desk, wanted)
    elif chosen is not None and chosen in THEMES:
        draw_theme(desk, chosen, wanted)
    else:
        draw_overview(desk, wanted)
    draw_export(desk, wanted)
