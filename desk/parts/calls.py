"""The history of calls: searched, gone through, and taken along as a file."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Final

import streamlit as st

from desk.charts.chart import Rows
from desk.charts.export import as_csv
from desk.client.decisions import DecisionClient, DeskDecisionList, ListedDecision
from desk.client.errors import NotOnFile
from desk.parts.card import card
from desk.parts.charted import plain_table
from desk.parts.outcome import outcome_word
from desk.parts.portfolio_filters import PERIODS, begin_of
from desk.session import DeskSession
from desk.words import N_, _, moment

_ALL: Final = "all"
_PAGE: Final = 50
_MOST_PAGES: Final = 20
_REASON: Final = re.compile(r"R\d\d")
_DOORS: Final = {"http": "HTTP", "kafka": "Kafka"}
_MODES: Final = {
    "full": N_("whole"),
    "history_unavailable": N_("without history"),
    "reasons_unavailable": N_("without reasons"),
    "history_and_reasons_unavailable": N_("without history and reasons"),
}


def draw_calls(desk: DeskSession) -> None:
    """Draw the history with its search, page by page, and its export."""
    with card("calls", _("Call history"), _("Every decision that was taken, newest first; lists name no client.")):
        chosen = _choose_filters()
        if chosen is None:
            return
        said = repr(sorted(chosen.items()))
        if st.session_state.get("calls-of") != said:
            st.session_state["calls-of"], st.session_state["calls-trail"] = said, [None]
        trail: list[str | None] = st.session_state["calls-trail"]
        # A period begins elsewhere each minute: who is three pages back stays there all the same.
        begin = begin_of(str(chosen.pop("period")), round(time.time() * 1000))
        filters = chosen | {"from": begin}
        page = page_with_rows(DecisionClient(desk.api), filters, trail[-1])
        rows = call_rows(page.decisions)
        if not rows and page.next is None:
            st.info(_("No decision fits this search."), icon=":material/info:")
            return
        if not rows:
            st.info(_("None among the newest; older ones were not looked at yet."), icon=":material/info:")
        st.html(plain_table(rows, _("Call history")))
        with st.container(horizontal=True):
            if st.button(_("Newer"), icon=":material/arrow_back:", disabled=len(trail) < 2, key="calls-newer"):
                trail.pop()
                st.rerun()
            if st.button(_("Older"), icon=":material/arrow_forward:", disabled=page.next is None, key="calls-older"):
                trail.append(page.next)
                st.rerun()
            st.download_button(
                _("Download this page (CSV)"), as_csv(rows), "calls.csv", "text/csv",
                icon=":material/download:", key="calls-page", on_click="ignore",
            )  # fmt: skip
            if desk.person.may("audit") and st.button(_("Export all of it"), icon=":material/build:", key="calls-all"):
                query = {name: value for name, value in filters.items() if value is not None} | {"format": "csv"}
                content = desk.api.send("GET", "/v1/decisions/export", query=query).content
                st.download_button(
                    _("Download all (CSV)"), content, "decisions.csv",
                    "text/csv", icon=":material/download:", key="calls-export", on_click="ignore",
                )  # fmt: skip


def page_with_rows(
    client: DecisionClient, filters: Mapping[str, str | int | None], after: str | None
) -> DeskDecisionList:
    """Return the first page that is not empty, or the last one looked at: a rare filter leaves pages without a row."""
    try:
        page = client.recent(_PAGE, {**filters, "after": after})
    except NotOnFile:
        page = client.recent(_PAGE, filters)
    for _turn in range(_MOST_PAGES):
        if page.decisions or page.next is None:
            break
        page = client.recent(_PAGE, {**filters, "after": page.next})
    return page


def call_rows(listed: list[ListedDecision]) -> Rows:
    """Return decisions as a table's rows."""
    return [
        {
            _("Decided"): moment(one.decided_at),
            _("Outcome"): outcome_word(one.outcome),
            _("Risk of default (%)"): round(100 * one.probability_of_default, 2),
            _("Points"): one.score_points,
            _("Reasons"): ", ".join(one.reasons),
            _("Door"): _DOORS.get(one.door, one.door),
            _("Model"): one.model_version,
            _("Decided how"): _(_MODES[one.mode]) if one.mode in _MODES else one.mode,
            _("Decision"): one.decision_id,
        }
        for one in listed
    ]


def _choose_filters() -> dict[str, str | int | None] | None:
    first = st.columns(4)
    with first[0]:
        outcome = _word(
            _("Outcome"), "calls-outcome", {name: outcome_word(name) for name in ("approve", "refer", "decline")}
        )
    with first[1]:
        door = _word(_("Door"), "calls-door", _DOORS)
    with first[2]:
        mode = _word(_("Decided how"), "calls-mode", {name: _(text) for name, text in _MODES.items()})
    with first[3]:
        period = st.selectbox(
            _("Period"), list(PERIODS), format_func=lambda one: _(PERIODS[one][0]), key="calls-period"
        )
    second = st.columns(3)
    with second[0]:
        number_of = st.text_input(_("Client number"), key="calls-client", max_chars=19).strip()
        if number_is_wrong := bool(number_of) and not number_of.isdecimal():
            st.error(_("A client number has digits only."))
    with second[1]:
        reason = st.text_input(_("Reason's code, such as R01"), key="calls-reason", max_chars=3).strip().upper()
        if reason_is_wrong := bool(reason) and _REASON.fullmatch(reason) is None:
            st.error(_("A reason's code is R and two digits."))
    with second[2]:
        version = st.text_input(_("Model version"), key="calls-version", max_chars=12).strip()
    if number_is_wrong or reason_is_wrong:
        return None
    return {
        "outcome": outcome,
        "door": door,
        "mode": mode,
        "period": period,
        "client": number_of or None,
        "reason": reason or None,
        "model_version": version or None,
    }


def _word(name: str, key: str, words: dict[str, str]) -> str | None:
    chosen = st.selectbox(
        name, [_ALL, *words], format_func=lambda one: _("all") if one == _ALL else words[one], key=key
    )
    return None if chosen == _ALL else chosen
