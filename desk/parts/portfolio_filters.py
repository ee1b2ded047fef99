"""The filters of the portfolio, as widgets and as words."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import streamlit as st

from desk.client.portfolio import PortfolioClient, PortfolioQuery
from desk.parts.card import card
from desk.parts.outcome import outcome_word
from desk.parts.remembered import remembered
from desk.session import DeskSession
from desk.words import N_, _, amount
from desk.words.categories import category_word

_ALL: Final = "all"
_HOUR_MS: Final = 3_600_000
PERIODS: Final[dict[str, tuple[str, int | None]]] = {
    "all": (N_("All time"), None),
    "hour": (N_("Last hour"), _HOUR_MS),
    "day": (N_("Last 24 hours"), 24 * _HOUR_MS),
    "week": (N_("Last 7 days"), 7 * 24 * _HOUR_MS),
    "month": (N_("Last 30 days"), 30 * 24 * _HOUR_MS),
}
SOURCES: Final = {"decisions": N_("Decisions taken"), "book": N_("Clients on file")}


def choose_filters(desk: DeskSession) -> PortfolioQuery:
    """Draw the filters and return what they ask for."""
    choices = remembered("portfolio-choices", lambda: PortfolioClient(desk.api).choices(), 300)
    with card("filters"):
        first = st.columns([2, 2, 2, 2])
        with first[0]:
            source = st.selectbox(
                _("What is counted"),
                list(SOURCES),
                format_func=lambda one: _(SOURCES[one]),
                key="filter-source",
                help=_("Decisions as they were taken, or the clients on file whose repayment is known."),
            )
        with first[1]:
            period = st.selectbox(
                _("Period"),
                list(PERIODS),
                format_func=lambda one: _(PERIODS[one][0]),
                key="filter-period",
                disabled=source == "book",
            )
        with first[2]:
            contract = _word(_("Kind of credit"), choices.contract, "filter-contract")
        with first[3]:
            family = _word(_("Family status"), choices.family, "filter-family")
        second = st.columns([3, 3, 2])
        with second[0]:
            amounts = _money(_("Credit asked for"), choices.amount, "filter-amount")
        with second[1]:
            incomes = _money(_("Yearly income"), choices.income, "filter-income")
        with second[2]:
            outcome = st.selectbox(
                _("Outcome"),
                [_ALL, "approve", "refer", "decline"],
                format_func=lambda one: _("all") if one == _ALL else outcome_word(one),
                key="filter-outcome",
            )
    return PortfolioQuery(
        source,
        *amounts,
        *incomes,
        family,
        contract,
        None if outcome == _ALL else outcome,
        begin_of(period if source != "book" else "all", round(time.time() * 1000)),
    )


def begin_of(period: str, now_ms: int) -> int | None:
    """Return where a period begins, in whole minutes so that the same question is asked for a while."""
    length = PERIODS[period][1]
    return None if length is None else (now_ms - length) // 60_000 * 60_000


def span_of(chosen: tuple[float, float], ends: Sequence[float]) -> tuple[float | None, float | None]:
    """Return the ends of a chosen span; None where it reaches to the end of what there is."""
    return None if chosen[0] <= ends[0] else chosen[0], None if chosen[1] >= ends[-1] else chosen[1]


def filters_in_words(wanted: PortfolioQuery) -> str:
    """Return what is counted and the filters that are set, as one line."""
    said = [_(SOURCES[wanted.source])]
    for name, low, high in (
        (_("credit"), wanted.amount_from, wanted.amount_to),
        (_("income"), wanted.income_from, wanted.income_to),
    ):
        if low is not None or high is not None:
            said.append(
                f"{name} {amount(low) if low is not None else '…'} – {amount(high) if high is not None else '…'}"
            )
    said += [category_word(word) for word in (wanted.family, wanted.contract) if word is not None]
    if wanted.outcome is not None:
        said.append(outcome_word(wanted.outcome))
    return " · ".join(said)


def _word(name: str, words: list[str], key: str) -> str | None:
    chosen = st.selectbox(
        name, [_ALL, *words], format_func=lambda one: _("all") if one == _ALL else category_word(one), key=key
    )
    return None if chosen == _ALL else chosen


def _money(name: str, ends: list[float], key: str) -> tuple[float | None, float | None]:
    chosen = st.select_slider(name, ends, (ends[0], ends[-1]), format_func=amount, key=key)
    return span_of(chosen, ends)
