"""The queue of reviews: filters, and the reviews that they leave."""

from __future__ import annotations

import time
from typing import Final

import streamlit as st

from desk.client.reviews import DeskReview, DeskReviews, ReviewClient
from desk.parts.card import card
from desk.parts.outcome import outcome_word
from desk.session import DeskSession
from desk.words import N_, _, ago, n_, number, until

CHOSEN: Final = "desk.review"
_CURSORS: Final = "desk.review.cursors"
STATES: Final[dict[str, str]] = {
    "open": N_("open"),
    "taken": N_("taken"),
    "proposed": N_("proposed"),
    "closed": N_("closed"),
}
CAUSES: Final[dict[str, str]] = {
    "referral": N_("the model referred it"),
    "contest": N_("the applicant contests"),
    "sample": N_("drawn as a sample"),
}
_ICONS: Final = {"open": "inbox", "taken": "person", "proposed": "group", "closed": "task_alt"}


def draw_queue(desk: DeskSession) -> None:
    """Draw the filters and a page of the queue; a click chooses a review."""
    with card("queue", _("Queue"), _("Those due first stand at the top.")):
        state = st.segmented_control(
            _("State"),
            list(STATES),
            default="open",
            format_func=lambda one: _(STATES[one]),
            key="queue-state",
            on_change=_first_page,
        )
        left, right = st.columns(2)
        with left:
            cause = st.selectbox(
                _("Cause"),
                list(CAUSES),
                None,
                format_func=lambda one: _(CAUSES[one]),
                placeholder=_("all"),
                key="queue-cause",
                on_change=_first_page,
            )
        with right:
            due = st.selectbox(
                _("Due"),
                [0, 24],
                None,
                format_func=lambda hours: _("within a day") if hours else _("overdue"),
                placeholder=_("any time"),
                key="queue-due",
                on_change=_first_page,
            )
        mine = st.checkbox(_("Only those I have"), key="queue-mine", on_change=_first_page)
        before = None if due is None else int((time.time() + 3600 * due) * 1000)
        filters = {
            "state": state,
            "cause": cause,
            "assignee": desk.person.id if mine else None,
            "due_before": before,
        }
        cursors: list[str] = st.session_state.setdefault(_CURSORS, [])
        page = ReviewClient(desk.api).queue(filters, cursors[-1] if cursors else None)
        _draw_rows(page, cursors)


def choose_review(review_id: str | None) -> None:
    """Look at a review from now on."""
    st.session_state[CHOSEN] = review_id


def _draw_rows(page: DeskReviews, cursors: list[str]) -> None:
    if not page.reviews:
        st.info(_("No review fits these filters."), icon=":material/inbox:")
    chosen = st.session_state.get(CHOSEN)
    for review in page.reviews:
        st.button(
            row_label(review),
            key=f"review-{review.review_id}",
            icon=f":material/{_ICONS[review.state]}:",
            type="primary" if review.review_id == chosen else "secondary",
            on_click=choose_review,
            args=(review.review_id,),
            width="stretch",
        )
    with st.container(horizontal=True):
        if cursors:
            st.button(_("Back"), icon=":material/chevron_left:", on_click=_page_before, key="queue-back")
        if page.next is not None:
            st.button(
                _("More"), icon=":material/chevron_right:", on_click=cursors.append, args=(page.next,), key="queue-more"
            )
    said = n_("{count} review here", "{count} reviews here", len(page.reviews))
    st.caption(said.format(count=number(len(page.reviews))))


def row_label(review: DeskReview) -> str:
    """Return what a row says: outcome, cause, when, who has it, and the beginning of the decision's id."""
    now = time.time()
    if review.state == "closed" and review.closed_at is not None:
        when = ago(now - review.closed_at / 1000)
    else:
        left = review.due_at / 1000 - now
        when = (
            _("due {when}").format(when=until(left)) if left > 0 else _("overdue, due {when}").format(when=ago(-left))
        )
    parts = [f"**{outcome_word(review.outcome)}**", _(CAUSES.get(review.cause, review.cause)), when]
    if review.assignee and review.state != "closed":
        parts.append(review.assignee)
    return " · ".join([*parts, review.decision_id[:8]])


def _page_before() -> None:
    st.session_state[_CURSORS] = st.session_state[_CURSORS][:-1]


def _first_page() -> None:
    st.session_state[_CURSORS] = []
