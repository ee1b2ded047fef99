"""The whole portfolio as files: a report with figures that save as pictures, and the data."""

from __future__ import annotations

import time

import streamlit as st

from desk.charts.bands import rates_over_time
from desk.charts.export import ReportSection, data_archive, report_page
from desk.charts.looks import look_of
from desk.charts.thresholds import threshold_explorer
from desk.client.portfolio import PortfolioQuery
from desk.parts.card import card
from desk.parts.portfolio_filters import filters_in_words
from desk.parts.portfolio_views import (
    key_figures,
    overview_of,
    theme_charts,
    theme_of,
    theme_sentences,
    thresholds_of,
)
from desk.parts.themes import THEMES, theme_name
from desk.session import DeskSession
from desk.words import _, moment


def sections_of(desk: DeskSession, wanted: PortfolioQuery) -> list[ReportSection]:
    """Return all of the portfolio under filters: key figures, the eight themes, thresholds."""
    look, told = look_of(desk.theme), overview_of(desk, wanted)
    figures = [f"{one.label}: {one.value} {f'({one.note})' if one.note else ''}".strip() for one in key_figures(told)]
    over_time = {"rates-over-time": rates_over_time(told.series, look=look)} if len(told.series) > 1 else {}
    sections = [ReportSection(_("Key figures"), figures, over_time)]
    for theme in THEMES:
        told_theme = theme_of(desk, theme, wanted)
        said = theme_sentences(told_theme)
        sentences = [line for part in ("findings", "operational", "strategic") for line in said[part]]
        sections.append(ReportSection(theme_name(theme), sentences, theme_charts(told_theme, look)))
    curve = thresholds_of(desk, wanted)
    if curve.thresholds:
        chart = threshold_explorer(curve, curve.current, look=look)
        sections.append(ReportSection(chart.title, [chart.alternative], {"thresholds": chart}))
    return sections


def draw_export(desk: DeskSession, wanted: PortfolioQuery) -> None:
    """Draw the export: files are made when they are asked for."""
    lead = _(
        "All themes under these filters. The report opens without a network; each figure in it saves as PNG or SVG."
    )
    with card("export", _("Take it along"), lead), st.container(horizontal=True):
        title = _("Portfolio, {moment}").format(moment=moment(round(time.time() * 1000)))
        if not st.button(_("Make the files"), icon=":material/build:", key="export-make"):
            return
        sections = sections_of(desk, wanted)
        st.download_button(
            _("Report with figures (HTML)"),
            report_page(title, [filters_in_words(wanted)], sections, look_of(desk.theme)),
            "portfolio.html",
            "text/html",
            icon=":material/download:",
            key="export-report",
            on_click="ignore",
        )
        st.download_button(
            _("Data and findings (ZIP)"),
            data_archive(sections),
            "portfolio.zip",
            "application/zip",
            icon=":material/download:",
            key="export-data",
            on_click="ignore",
        )
