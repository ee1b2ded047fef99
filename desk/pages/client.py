"""The page Client: who it is, what was decided and why, what to do, and what is behind it."""

from __future__ import annotations

import streamlit as st

from desk.application.checks import number_of
from desk.client.errors import ApiFault
from desk.parts.application_form import draw_form
from desk.parts.card import card, say_what_was_done
from desk.parts.changes import draw_changes, search_changes
from desk.parts.deciding import decide_now
from desk.parts.decision_of import application_of_subject, decision_of_subject
from desk.parts.decision_view import draw_advice, draw_gauge, draw_outcome, draw_reasons
from desk.parts.finder import draw_recent, draw_search
from desk.parts.frame import heading
from desk.parts.identity import draw_file, draw_who
from desk.parts.receipt import draw_receipt
from desk.parts.subject import DeskSubject, chosen_subject
from desk.parts.told import draw_history, draw_letter, draw_said, draw_saying
from desk.session import DeskSession
from desk.shown import ShownDecision
from desk.words import _


def show(desk: DeskSession) -> None:
    """Draw the page."""
    subject = chosen_subject()
    if subject is None:
        _draw_entrance(desk)
        return
    draw_who(desk, subject, heading=True)
    say_what_was_done()
    application = application_of_subject(desk, subject)
    shown = decision_of_subject(desk, subject)
    if shown is None:
        _draw_undecided(desk, application)
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        draw_outcome(shown)
        draw_reasons(desk, shown)
        found = None if shown.final_outcome == "approve" else search_changes(desk, subject, application, shown)
        draw_changes(found)
        draw_file(application)
    with right:
        with card("gauge"):
            draw_gauge(desk, shown)
        plan = None if found is None or isinstance(found, ApiFault) else found.status == "found"
        draw_advice(shown, plan)
    if shown.stored:
        _draw_details(desk, shown)
    elif shown.simulated:
        _draw_simulated(desk, subject)
    else:
        st.info(_("The decision is taken; it is being stored. Letter and proof follow in a second."))
        st.button(_("Show them"), icon=":material/refresh:")


def _draw_entrance(desk: DeskSession) -> None:
    heading(_("Client"), _("Find a client on file, open a decision that was just taken, or type an application in."))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        draw_search(desk)
        if desk.person.may("decide"):
            with st.expander(_("Type an application in"), icon=":material/edit_note:", key="desk-entry"):
                draw_form(desk)
    with right:
        draw_recent(desk)


def _draw_undecided(desk: DeskSession, application: dict[str, float | int | str | None]) -> None:
    left, right = st.columns([3, 2], gap="medium")
    with right:
        draw_file(application)
    with left, card("undecided", _("No decision yet"), _("The application is on file, and nobody has decided it.")):
        if not application:
            st.write(_("There is no application on file either: check the number, or type the application in."))
        elif not desk.person.may("decide"):
            st.write(_("An adviser can have it decided."))
        elif st.button(_("Decide it now"), type="primary", icon=":material/gavel:") and decide_now(desk, application):
            st.rerun()


def _draw_simulated(desk: DeskSession, subject: DeskSubject) -> None:
    with card("simulated", _("This is a simulation"), _("Nothing was decided, and nothing is kept of it.")):
        if not desk.person.may("decide"):
            return
        wanted = st.button(_("Decide this application"), type="primary", icon=":material/gavel:")
        if wanted and subject.typed and decide_now(desk, subject.typed, number_of(subject.typed)):
            st.rerun()


def _draw_details(desk: DeskSession, shown: ShownDecision) -> None:
    parts = {
        "history": (_("Decisions over time"), draw_history),
        "letter": (_("Letter"), draw_letter),
        "saying": (_("Contest and feedback"), draw_saying),
        "proof": (_("Receipt and proof"), draw_receipt),
    }
    chosen = st.segmented_control(
        _("More about this decision"),
        list(parts),
        default="history",
        required=True,
        format_func=lambda name: parts[name][0],
        key="client-more",
    )
    parts[chosen or "history"][1](desk, shown)
    if chosen == "saying":
        draw_said(desk, shown)
