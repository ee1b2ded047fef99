"""What is behind a decision: its history, the letter, what people say of it, its receipt and proof."""

from __future__ import annotations

import base64
from typing import Final

import streamlit as st

from desk.charts.history import DecisionPoint, decisions_over_time
from desk.charts.looks import look_of
from desk.client.decisions import DecisionClient, FeedbackKind, ListedDecision
from desk.client.errors import ApiFault, NotOnFile
from desk.parts.card import card, done
from desk.parts.charted import show_chart
from desk.parts.drafts import draft_area, sent
from desk.parts.errors import show_fault
from desk.parts.outcome import outcome_word
from desk.parts.remembered import forget, remembered
from desk.parts.subject import DeskSubject, choose
from desk.session import DeskSession
from desk.shown import ShownDecision
from desk.words import LANGUAGES, _, current_language, moment, percent

_KINDS: Final[tuple[FeedbackKind, ...]] = ("wrong_prediction", "comment")


def decisions_of(desk: DeskSession, client: int) -> list[ListedDecision]:
    """Return a client's stored decisions, newest first; none where the ledger knows none."""
    try:
        return remembered(f"decisions-{client}", lambda: DecisionClient(desk.api).of_client(client), 10).decisions
    except NotOnFile:
        return []


def draw_history(desk: DeskSession, shown: ShownDecision) -> None:
    """Draw the client's decisions over time, each of which can be looked at."""
    with card("history", _("Decisions over time")):
        if shown.client is None:
            st.write(_("The client was erased: the other decisions cannot be found."))
            return
        listed = decisions_of(desk, shown.client)
        points = [DecisionPoint(one.decided_at, one.probability_of_default, one.outcome) for one in listed]
        policy, look = shown.policy, look_of(desk.theme)
        chart = decisions_over_time(points, refer_from=policy.refer_from, decline_from=policy.decline_from, look=look)
        show_chart(chart, "history")
        names = {
            one.decision_id: f"{moment(one.decided_at)} · {outcome_word(one.outcome)} · "
            f"{percent(one.probability_of_default)}"
            for one in listed
        }
        if len(names) > 1:
            ids = list(names)
            now = ids.index(shown.decision_id) if shown.decision_id in names else 0
            wanted = st.selectbox(_("Look at a decision"), ids, now, format_func=lambda one: names[one])
            if wanted != shown.decision_id:
                choose(DeskSubject(shown.client, wanted))
                st.rerun()


def draw_letter(desk: DeskSession, shown: ShownDecision) -> None:
    """Draw the applicant's letter, to read and to download."""
    with card("letter", _("The letter"), _("As the applicant gets it. It says the outcome that holds today.")):
        languages = list(LANGUAGES)
        language = st.segmented_control(
            _("Language of the letter"),
            languages,
            default=current_language(),
            format_func=lambda code: LANGUAGES[code],
            key="letter-language",
        )
        said = language or current_language()
        client, number = DecisionClient(desk.api), shown.decision_id
        name = f"letter-{number}-{said}"
        try:
            html = remembered(name, lambda: client.letter(number, said, "html"), 60)
            pdf = remembered(f"{name}.pdf", lambda: client.letter(number, said, "pdf"), 60)
        except ApiFault as fault:
            show_fault(fault, place="letter")
            return
        st.download_button(
            _("Download the letter (PDF)"),
            pdf,
            f"{name}.pdf",
            "application/pdf",
            icon=":material/download:",
            on_click="ignore",
            type="primary",
        )
        # By a data address the letter has an origin of its own: nothing in it could reach the desk.
        address = f"data:text/html;charset=utf-8;base64,{base64.b64encode(html).decode()}"
        st.iframe(address, height=640, alt=_("The letter"), tab_index=0)


def draw_saying(desk: DeskSession, shown: ShownDecision) -> None:
    """Draw how to say that it was wrong: the adviser's feedback, and the applicant's contest."""
    client, number = DecisionClient(desk.api), shown.decision_id
    with card("contest", _("The applicant contests"), _("A person reviews the decision; both will see it.")):
        statement = draft_area(_("The applicant's own point of view"), f"contest-{number}")
        if st.button(_("Open a review"), type="primary", key="contest-send", icon=":material/gavel:"):
            if not statement.strip():
                st.warning(_("Write down first what the applicant says."), icon=":material/warning:")
            elif sent(f"contest-{number}", lambda: client.contest(number, statement)):
                forget(f"receipt-{number}")
                done(_("The review is open. It is in the queue, and the applicant's words with it."))
                st.rerun()
    with card("feedback", _("Your feedback"), _("For those who look after the model; it changes no decision.")):
        words = {"wrong_prediction": _("The prediction is wrong"), "comment": _("A comment")}
        kind = st.radio(
            _("What it is"), _KINDS, format_func=lambda one: words[one], horizontal=True, key="feedback-kind"
        )
        text = draft_area(_("What you know"), f"feedback-{number}")
        if st.button(_("Send the feedback"), key="feedback-send", icon=":material/send:"):
            if kind == "comment" and not text.strip():
                st.warning(_("A comment needs a text."), icon=":material/warning:")
            elif sent(f"feedback-{number}", lambda: client.say(number, kind, text.strip())):
                forget(f"receipt-{number}")
                done(_("Thank you: the feedback is kept with the decision."))
                st.rerun()


def draw_said(desk: DeskSession, shown: ShownDecision) -> None:
    """Draw what was already said of a decision, and its reviews."""
    receipt = remembered(f"receipt-{shown.decision_id}", lambda: DecisionClient(desk.api).receipt(shown.decision_id))
    if not receipt.feedback and not receipt.reviews:
        return
    with card("said", _("Said so far")):
        states = {"open": _("open"), "taken": _("taken"), "proposed": _("proposed"), "closed": _("closed")}
        word = _("Review")
        for review in receipt.reviews:
            end = f" → {outcome_word(review.final_outcome)}" if review.final_outcome else ""
            st.markdown(f"- {moment(review.opened_at)} · {word}: {states[review.state]}{end}")
        for line in receipt.feedback:
            kind = _("The prediction is wrong") if line.kind == "wrong_prediction" else _("A comment")
            st.markdown(f"- {moment(line.at)} · {line.by} · {kind}")
            if line.comment:
                st.text(line.comment)
