"""What Streamlit runs for each view: language and theme, the person, the frame, and the page that was asked for."""

from __future__ import annotations

import httpx
import streamlit as st

from desk.client.base import DeskApi
from desk.client.errors import ApiFault, SignedOut
from desk.looks.document import ICON
from desk.navigation import keep_address, pages_of
from desk.parts.errors import show_fault
from desk.parts.frame import chosen_theme, draw_header, say_how_drawn, settle_language
from desk.session import DeskSession, connection
from desk.settings import DeskSettings
from desk.signin import session_is_over, signed_in, somebody_is_known
from desk.words import current_language
from desk.words.formats import set_house


@st.cache_resource
def _opened() -> tuple[DeskSettings, httpx.Client]:
    settings = DeskSettings()
    set_house(settings.currency, settings.time_zone)
    return settings, connection(settings)


def main() -> None:
    """Draw one view."""
    st.set_page_config(page_title="Loanstream", page_icon=ICON, layout="wide")
    settings, http = _opened()
    settle_language(settings)
    theme = chosen_theme()
    say_how_drawn(theme)
    if not somebody_is_known():
        keep_address()
    try:
        person = signed_in(settings, http)
    except ApiFault as fault:
        show_fault(fault)
        st.stop()
    desk = DeskSession(settings, person, DeskApi(http, person.credentials), theme, current_language())
    page = st.navigation(pages_of(desk))
    draw_header(desk)
    try:
        page.run()
    except SignedOut:
        session_is_over()
        st.rerun()
    except ApiFault as fault:
        show_fault(fault)


main()
