"""Finds a client: by the digits of a number, or among the decisions that were just taken."""

from __future__ import annotations

import time
from typing import Final, Literal

import streamlit as st

from desk.client.clients import ClientClient
from desk.client.decisions import DecisionClient, ListedDecision
from desk.client.errors import ApiFault, NotOnFile
from desk.parts.card import card
from desk.parts.errors import show_fault
from desk.parts.identity import draw_who
from desk.parts.outcome import LOOKS
from desk.parts.subject import DeskSubject, choose, chosen_subject
from desk.session import DeskSession
from desk.words import _, ago, n_, percent

_ICONS: Final = {"approve": "check_circle", "refer": "pending", "decline": "cancel"}
_RECENT: Final = 8


def pick_subject(desk: DeskSession) -> DeskSubject:
    """Return who is looked at; where nobody is, draw the search and stop the page."""
    subject = chosen_subject()
    if subject is None:
        left, right = st.columns([3, 2], gap="medium")
        with left:
            draw_search(desk)
        with right:
            draw_recent(desk)
        st.stop()
    draw_who(desk, subject)
    return subject


def draw_search(desk: DeskSession) -> None:
    """Draw the search by number; suggestions follow what is typed."""
    with card("search", _("Find a client"), _("Type the first digits of the client's number.")):
        st.fragment(_search)(desk)


def _search(desk: DeskSession) -> None:
    typed = st.text_input(
        _("Client number"),
        key="desk-search",
        type="search",
        live=True,
        placeholder="100001",
        icon=":material/search:",
        max_chars=19,
    ).strip()
    if typed and not typed.isdecimal():
        st.warning(_("A client number has digits only."), icon=":material/warning:")
        return
    try:
        found = ClientClient(desk.api).suggested(typed.lstrip("0"))
    except NotOnFile:
        found = []
    except ApiFault as fault:
        show_fault(fault, place="search")
        return
    _suggest(typed, found)


def _suggest(typed: str, found: list[int]) -> None:
    if not found:
        words = _("No client on file has a number that begins with {digits}: check it, or type the application in.")
        st.info(words.format(digits=typed), icon=":material/info:")
        return
    said = n_("{count} client", "{count} clients", len(found)).format(count=len(found)) if typed else _("On file")
    st.html(f'<p class="small" role="status">{said}</p>')
    with st.container(key="suggestions", horizontal=True, gap="small"):
        for client in found:
            kind: Literal["primary", "secondary"] = "primary" if str(client) == typed else "secondary"
            if st.button(str(client), key=f"suggested-{client}", type=kind, help=_("Open this client")):
                choose(DeskSubject(client))
                st.rerun()


def draw_recent(desk: DeskSession) -> None:
    """Draw the decisions that were just taken; the list moves by itself."""
    with card("recent", _("Just decided"), _("The newest decisions of the bank; the list moves by itself.")):
        st.fragment(_recent_rows, run_every=5.0)(desk)


def _recent_rows(desk: DeskSession) -> None:
    try:
        newest = DecisionClient(desk.api).recent(_RECENT).decisions
    except ApiFault as fault:
        show_fault(fault, place="recent")
        return
    if not newest:
        st.info(_("Nothing has been decided yet. Decisions appear here within seconds."), icon=":material/hourglass:")
    for decision in newest:
        icon = f":material/{_ICONS[decision.outcome]}:"
        if st.button(
            _row_label(decision), key=f"recent-{decision.outcome}-{decision.decision_id}", icon=icon, width="stretch"
        ):
            _open(desk, decision)
            st.rerun()


def _row_label(decision: ListedDecision) -> str:
    since = max(0.0, time.time() - decision.decided_at / 1000)
    return f"**{_(LOOKS[decision.outcome].said)}** · {percent(decision.probability_of_default)} · {ago(since)}"


def _open(desk: DeskSession, decision: ListedDecision) -> None:
    try:
        client = DecisionClient(desk.api).receipt(decision.decision_id).sk_id_curr
    except ApiFault:
        client = None
    choose(DeskSubject(client, decision.decision_id))
