"""The page Comparison: a client among all, among similar ones, and among those approved and declined."""

from __future__ import annotations

import streamlit as st

from desk.parts.compared import (
    choose_nearness,
    comparison_of,
    draw_places,
    draw_segments,
    draw_spread,
    draw_two,
)
from desk.parts.decision_of import application_of_subject
from desk.parts.feature_names import catalog_of
from desk.parts.finder import pick_subject
from desk.parts.frame import heading
from desk.session import DeskSession
from desk.words import _


def show(desk: DeskSession) -> None:
    """Draw the page."""
    heading(_("Comparison"), _("This client among all applicants, similar ones, and those approved and declined."))
    subject = pick_subject(desk)
    application = application_of_subject(desk, subject)
    if not application:
        st.info(_("No application of this client is on file, so there is nothing to compare."), icon=":material/info:")
        return
    by = choose_nearness(catalog_of(desk))
    if not by:
        st.info(_("Choose at least one value in which clients shall be similar."), icon=":material/info:")
        return
    told = comparison_of(desk, subject, application, by)
    draw_places(desk, told)
    draw_spread(desk, told)
    left, right = st.columns(2, gap="medium")
    with left:
        draw_two(desk, told)
    with right:
        draw_segments(desk, told)
