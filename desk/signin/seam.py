"""Signs in with the key of the settings; without one nobody can."""

from __future__ import annotations

import httpx
import streamlit as st

from desk.settings import DeskSettings
from desk.signin.person import Person
from desk.words import _

ALL_SCOPES = frozenset({"decide", "read", "review", "audit", "identity", "portfolio", "admin"})


def signed_in(settings: DeskSettings, http: httpx.Client) -> Person:
    """Return who is signed in; without anybody, show how to sign in and stop the page."""
    del http
    if settings.api_key is None:
        st.info(_("Nobody can sign in: the desk has no key of its own and no identity provider."))
        st.stop()
    return Person("home", ("admin",), ALL_SCOPES, {"X-API-Key": settings.api_key.get_secret_value()}, id="home")


def sign_out() -> None:
    """End the session; a page that is asked for next shows how to sign in."""
    for key in list(st.session_state):
        del st.session_state[key]
