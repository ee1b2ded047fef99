"""The page Review: the queue, and one review with all that belongs to it."""

from __future__ import annotations

import streamlit as st

from desk.parts.card import card, say_what_was_done
from desk.parts.frame import heading
from desk.parts.queue import CHOSEN, draw_queue
from desk.parts.review_file import draw_review
from desk.session import DeskSession
from desk.words import _


def show(desk: DeskSession) -> None:
    """Draw the page."""
    heading(_("Review"), _("A person decides what the model does not, and what an applicant contests."))
    say_what_was_done()
    left, right = st.columns([2, 3], gap="medium")
    with left:
        draw_queue(desk)
    with right:
        chosen: str | None = st.session_state.get(CHOSEN)
        if chosen is None:
            with card("no-review", _("No review chosen")):
                st.write(_("Choose one of the queue to read its file."))
        else:
            draw_review(desk, chosen)
