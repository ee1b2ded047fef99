"""The frame of every page: which language and theme, the header, the heading."""

from __future__ import annotations

import json
from typing import Final, cast

import streamlit as st

from desk.looks.document import LANGUAGE_COOKIE, THEME_COOKIE
from desk.looks.palette import Theme
from desk.parts.html import escape
from desk.session import DeskSession
from desk.settings import DeskSettings
from desk.signin import sign_out
from desk.words import LANGUAGES, N_, Language, _, current_language, speak
from desk.words.language import SESSION_KEY, language_of

_THEME: Final = "desk.theme"
_STREAMLITS_WORDS: Final = (
    N_("Drag and drop a file here"),
    N_("Drag and drop files here"),
    N_("No results"),
    N_("per file"),
    N_("Upload"),
)


def settle_language(settings: DeskSettings) -> None:
    """Speak what the person chose, now or before, else what the browser asks for."""
    if SESSION_KEY in st.session_state:
        return
    wanted = st.context.cookies.get(LANGUAGE_COOKIE) or st.context.locale
    speak(language_of(wanted, settings.language))


def chosen_theme() -> Theme:
    """Return the theme that the person chose, now or before, else the browser's."""
    if _THEME not in st.session_state:
        kept = st.context.cookies.get(THEME_COOKIE) or st.context.theme.type or "light"
        st.session_state[_THEME] = "dark" if kept == "dark" else "light"
    return cast(Theme, st.session_state[_THEME])


def say_how_drawn(theme: Theme) -> None:
    """Leave the note that desk.js follows: language and theme of what is drawn, and words for what Streamlit says."""
    language = current_language()
    words = {} if language == "en" else {text: _(text) for text in _STREAMLITS_WORDS}
    said = f'data-desk-theme="{theme}" data-desk-language="{language}" data-desk-words="{escape(json.dumps(words))}"'
    st.html(f'<div id="desk-said" hidden {said}></div>')


def draw_header(desk: DeskSession) -> None:
    """Draw the product's name, the language, the theme and who is signed in."""
    with st.container(
        key="desk-header", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        mark = '<span class="draw brand-mark" aria-hidden="true"></span>'
        st.html(f'<div class="brand">{mark}<span>Loanstream</span></div>')
        with st.container(
            key="desk-switches", horizontal=True, horizontal_alignment="right", vertical_alignment="center"
        ):
            _language_switch()
            _theme_switch(desk.theme)
            _person_menu(desk)


def heading(title: str, lead: str = "") -> None:
    """Draw a page's one heading of the first level, with a sentence below it."""
    below = f"<p>{escape(lead)}</p>" if lead else ""
    st.html(f'<div class="page-heading"><h1>{escape(title)}</h1>{below}</div>')


def _language_switch() -> None:
    def turn() -> None:
        speak(cast(Language, st.session_state["desk-language"]))

    st.session_state["desk-language"] = current_language()
    st.selectbox(
        _("Language"),
        list(LANGUAGES),
        format_func=lambda code: LANGUAGES[cast(Language, code)],
        key="desk-language",
        on_change=turn,
        label_visibility="collapsed",
        width=130,
    )


def _theme_switch(theme: Theme) -> None:
    def turn() -> None:
        st.session_state[_THEME] = "light" if theme == "dark" else "dark"

    dark = theme == "dark"
    st.button(
        _("Light") if dark else _("Dark"),
        key="desk-theme",
        icon=":material/light_mode:" if dark else ":material/dark_mode:",
        on_click=turn,
        help=_("Change the colours of the desk"),
    )


def _person_menu(desk: DeskSession) -> None:
    with st.popover(desk.person.name, icon=":material/account_circle:"):
        st.write(_("Signed in as {name}").format(name=desk.person.name))
        st.caption(", ".join(desk.person.roles))
        st.button(_("Sign out"), key="desk-sign-out", on_click=sign_out, icon=":material/logout:")
