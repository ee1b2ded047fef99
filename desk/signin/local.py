"""Sign-in with a user's name and password, and the change of a first password."""

from __future__ import annotations

from typing import Final

import streamlit as st

from desk.client.base import DeskApi
from desk.client.errors import ApiAway, ApiFault, RefusedInput, SignedOut, TooManyAtOnce
from desk.client.people import OpenedSession, change_password, open_session
from desk.words import _

# Whose first password is to be changed; the password itself is typed again.
_CHANGING: Final = "desk.changing_password_of"


def ask_for_password(api: DeskApi) -> str | None:
    """Draw the form, and return the token of who has signed in with it."""
    changing = st.session_state.get(_CHANGING)
    return _ask_for_new_one(api, changing) if changing else _ask(api)


def _ask(api: DeskApi) -> str | None:
    with st.form("desk-sign-in", border=False):
        user = st.text_input(_("User"), autocomplete="username", max_chars=63)
        password = st.text_input(_("Password"), type="password", autocomplete="current-password", max_chars=200)
        if not st.form_submit_button(_("Sign in"), type="primary", width="stretch"):
            return None
    if not user or not password:
        st.error(_("Type your user name and your password."))
        return None
    try:
        opened = open_session(api, user.strip(), password)
    except ApiFault as fault:
        _say(fault)
        return None
    if opened.must_change:
        st.session_state[_CHANGING] = user.strip()
        st.rerun()
    return opened.token


def _ask_for_new_one(api: DeskApi, user: str) -> str | None:
    st.info(_("This was a first password. Choose your own: at least 12 characters, without your user name."))
    with st.form("desk-new-password", border=False):
        password = st.text_input(_("First password"), type="password", autocomplete="current-password", max_chars=200)
        new = st.text_input(_("New password"), type="password", autocomplete="new-password", max_chars=200)
        again = st.text_input(_("New password again"), type="password", autocomplete="new-password", max_chars=200)
        if not st.form_submit_button(_("Change it and sign in"), type="primary", width="stretch"):
            return None
    if new != again:
        st.error(_("The two new passwords differ. Type the new one twice."))
        return None
    try:
        opened: OpenedSession = change_password(api, user, password, new)
    except ApiFault as fault:
        _say(fault)
        return None
    del st.session_state[_CHANGING]
    return opened.token


def _say(fault: ApiFault) -> None:
    if isinstance(fault, SignedOut):
        st.error(_("User or password is wrong. Try again, or ask an administrator for a new first password."))
    elif isinstance(fault, TooManyAtOnce):
        st.error(_("This name was tried too often. Wait a minute, then try again."))
    elif isinstance(fault, RefusedInput):
        st.error(_("The new password is too easy: at least 12 characters, not the old one, without your user name."))
    elif isinstance(fault, ApiAway):
        st.error(_("The service does not answer, so nobody can sign in. Wait a moment, then try again."))
    else:
        st.error(_("Nobody can sign in here with a password. Tell operations: {detail}").format(detail=fault.detail))
