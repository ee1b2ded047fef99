"""Draws the portfolio: its key figures, a theme with what it says, and the threshold explorer."""

from __future__ import annotations

import streamlit as st

from desk.charts.bands import rates_by_band, rates_over_time
from desk.charts.chart import Chart
from desk.charts.looks import Look, look_of
from desk.charts.thresholds import nearest_point, threshold_explorer
from desk.client.portfolio import (
    BandRecord,
    OverviewRecord,
    PortfolioClient,
    PortfolioQuery,
    ThemeRecord,
    ThresholdRecord,
)
from desk.parts.card import card
from desk.parts.charted import show_chart
from desk.parts.html import escape
from desk.parts.key_figures import KeyFigure, draw_key_figures
from desk.parts.remembered import remembered
from desk.parts.themes import band_word, band_words, theme_name, theme_question
from desk.session import DeskSession
from desk.words import _, amount, number, percent
from desk.words.findings import advice_words, finding_words


def overview_of(desk: DeskSession, wanted: PortfolioQuery) -> OverviewRecord:
    """Return the key figures under filters."""
    return remembered(f"overview-{wanted}", lambda: PortfolioClient(desk.api).overview(wanted), 15)


def theme_of(desk: DeskSession, theme: str, wanted: PortfolioQuery) -> ThemeRecord:
    """Return a theme under filters."""
    return remembered(f"theme-{theme}-{wanted}", lambda: PortfolioClient(desk.api).theme(theme, wanted), 15)


def thresholds_of(desk: DeskSession, wanted: PortfolioQuery) -> ThresholdRecord:
    """Return the curve of thresholds under filters."""
    return remembered(f"thresholds-{wanted}", lambda: PortfolioClient(desk.api).thresholds(wanted), 60)


def key_figures(told: OverviewRecord) -> list[KeyFigure]:
    """Return the key figures as tiles."""
    return [
        KeyFigure(
            _("Applications"), number(told.count), _("mean credit {amount}").format(amount=amount(told.mean_amount))
        ),
        KeyFigure(
            _("Approved"), percent(told.approval_rate), between(told.approval_low, told.approval_high), "approve"
        ),
        KeyFigure(_("Referred"), percent(told.refer_rate), number(told.referred), "refer"),
        KeyFigure(_("Declined"), percent(told.decline_rate), number(told.declined), "decline"),
        KeyFigure(
            _("Default rate"),
            percent(told.default_rate),
            _("of {count} known outcomes").format(count=number(told.observed)),
        ),
        KeyFigure(
            _("Expected cost"),
            number(told.expected_cost_per_application, 3),
            _("an application, in costs of a declined good customer"),
        ),
    ]


def between(low: float | None, high: float | None) -> str:
    """Return an interval of 95 % in words."""
    return (
        ""
        if low is None or high is None
        else _("between {low} and {high}").format(low=percent(low), high=percent(high))
    )


def draw_overview(desk: DeskSession, wanted: PortfolioQuery) -> None:
    """Draw how the rates moved."""
    told = overview_of(desk, wanted)
    with card("over-time", _("Rates over time"), _("With their intervals of 95 %.")):
        if len(told.series) > 1:
            show_chart(rates_over_time(told.series, look=look_of(desk.theme)), "rates-over-time")
        else:
            st.write(_("Time is known of decisions only, and of more than one moment."))


def theme_charts(told: ThemeRecord, look: Look) -> dict[str, Chart]:
    """Return a theme's charts by the name of their file."""

    def name_of(band: BandRecord) -> str:
        return band_word(told.theme, band)

    return {
        f"{told.theme}-approval": rates_by_band(told.bands, "approval", name_of, look=look, ordered=told.ordered),
        f"{told.theme}-default": rates_by_band(told.bands, "default", name_of, look=look, ordered=told.ordered),
    }


def theme_sentences(told: ThemeRecord) -> dict[str, list[str]]:
    """Return what a theme says: findings, and recommendations by their horizon."""
    name = band_words(told.theme, told.bands)
    advice = {
        horizon: [advice_words(one.code, one.values, name) for one in told.recommendations if one.horizon == horizon]
        for horizon in ("operational", "strategic")
    }
    return {"findings": [finding_words(one.code, one.values, name) for one in told.findings], **advice}


def draw_theme(desk: DeskSession, theme: str, wanted: PortfolioQuery) -> None:
    """Draw a theme: what it says first, then its rates by band."""
    told = theme_of(desk, theme, wanted)
    said = theme_sentences(told)
    with card("findings", theme_name(theme), theme_question(theme)):
        if told.protected:
            st.info(
                _("The law protects this attribute: look at it for fairness, never decide by it."),
                icon=":material/balance:",
            )
        columns = st.columns(3, gap="medium")
        heads = {
            "findings": _("What the numbers say"),
            "operational": _("What to do at the desk"),
            "strategic": _("What to change in the policy"),
        }
        for column, (part, head) in zip(columns, heads.items(), strict=True):
            lines = "".join(f"<li>{escape(line)}</li>" for line in said[part] or [_("Nothing stands out.")])
            with column:
                st.html(f'<h3 class="group">{escape(head)}</h3><ul class="sentences {part}">{lines}</ul>')
    left, right = st.columns(2, gap="medium")
    for column, (name, chart) in zip((left, right), theme_charts(told, look_of(desk.theme)).items(), strict=True):
        with column, card(name, chart.title):
            show_chart(chart, name)


def draw_thresholds(desk: DeskSession, wanted: PortfolioQuery) -> None:
    """Draw the threshold explorer."""
    told = thresholds_of(desk, wanted)
    basis = _("observed outcomes") if told.basis == "observed" else _("expected defaults, since few outcomes are known")
    lead = _("By {basis}; a default costs {bad}, a declined good customer {good}.").format(
        basis=basis, bad=number(told.false_negative_cost, 1), good=number(told.false_positive_cost, 1)
    )
    with card("thresholds", _("What another threshold would cost"), lead):
        if not told.thresholds:
            st.write(_("Nothing is counted under these filters."))
            return
        chosen = st.slider(
            _("Threshold in % of risk"),
            0.5,
            50.0,
            round(100 * told.current * 2) / 2,
            0.5,
            format="localized",
            key="threshold",
        )
        point, today = nearest_point(told, chosen / 100), nearest_point(told, told.current)
        draw_key_figures(
            [
                KeyFigure(_("Cost"), number(point.cost), _("today {figure}").format(figure=number(today.cost))),
                KeyFigure(
                    _("Approval rate"),
                    percent(point.approval_rate),
                    _("today {figure}").format(figure=percent(today.approval_rate)),
                ),
                KeyFigure(
                    _("Defaults approved"),
                    number(point.defaults),
                    _("today {figure}").format(figure=number(today.defaults)),
                ),
                KeyFigure(
                    _("Repayers declined"),
                    number(point.declined_good),
                    _("today {figure}").format(figure=number(today.declined_good)),
                ),
            ],
            _("At the chosen threshold"),
        )
        show_chart(threshold_explorer(told, chosen / 100, look=look_of(desk.theme)), "thresholds")
