"""The page Explanation: what made a decision, beside what moves decisions in general."""

from __future__ import annotations

import streamlit as st

from desk.parts.decision_of import decision_of_subject
from desk.parts.explained import draw_global, draw_local, draw_meanings, draw_one_feature
from desk.parts.finder import pick_subject
from desk.parts.frame import heading
from desk.parts.outcome import badge
from desk.session import DeskSession
from desk.words import _


def show(desk: DeskSession) -> None:
    """Draw the page."""
    heading(_("Explanation"), _("What made this decision, beside what moves decisions in general."))
    subject = pick_subject(desk)
    shown = decision_of_subject(desk, subject)
    if shown is None:
        st.info(_("Nobody has decided this client yet: decide on the page Client."), icon=":material/info:")
    else:
        st.html(badge(shown.final_outcome))
    views = {
        "local": _("This decision"),
        "global": _("In general"),
        "feature": _("One feature"),
        "meanings": _("What features mean"),
    }
    chosen = st.segmented_control(
        _("View"),
        list(views),
        default="local",
        required=True,
        format_func=lambda name: views[name],
        key="explained-view",
    )
    if chosen == "global":
        draw_global(desk)
    elif chosen == "feature":
        draw_one_feature(desk, shown)
    elif chosen == "meanings":
        draw_meanings(desk, shown)
    elif shown is not None:
        draw_local(desk, shown)
