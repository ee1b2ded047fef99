"""The page Model: what decides, how good and how fair it is, and how it came to decide; for a model-risk officer."""

from __future__ import annotations

import streamlit as st

from desk.parts.frame import heading
from desk.parts.model_views import draw_card, draw_fairness, draw_measures, draw_versions, model_of
from desk.session import DeskSession
from desk.words import _


def show(desk: DeskSession) -> None:
    """Draw the page."""
    told = model_of(desk)
    lead = _("{name}, version {version}: how good and how fair it is, and how it came to decide.")
    heading(_("Model"), lead.format(name=told.name, version=told.version))
    views = {
        "measures": (_("Measures and calibration"), draw_measures),
        "fairness": (_("Fairness"), draw_fairness),
        "versions": (_("Versions"), draw_versions),
        "card": (_("Card"), draw_card),
    }
    chosen = st.segmented_control(
        _("View"),
        list(views),
        default="measures",
        required=True,
        format_func=lambda one: views[one][0],
        key="model-view",
    )
    views[chosen or "measures"][1](desk)
