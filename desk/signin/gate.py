"""Nobody passes without having signed in: gives the person, or shows how to sign in and stops the page."""

from __future__ import annotations

import time
from typing import Final

import httpx
import streamlit as st

from desk.client.base import DeskApi
from desk.client.errors import SignedOut
from desk.client.people import who_am_i
from desk.settings import DeskSettings
from desk.signin.cookie import SESSION_COOKIE
from desk.signin.drafts import DRAFTS, KEPT
from desk.signin.local import ask_for_password
from desk.signin.oidc import came_lately, provider_token
from desk.signin.person import Person
from desk.signin.tickets import TICKETS
from desk.words import _

_TOKEN: Final = "desk.token"  # noqa: S105 - the name under which it is kept
_TICKET: Final = "desk.ticket"
# Streamlit leaves for the provider from a script and not from a button's callback.
_LEAVING: Final = "desk.leaving"
_WHO: Final = "desk.person_id"
_KNOWN: Final = "desk.known"
# A provider's token that is valid by its own word and was never taken: a matter of settings, not of time.
_UNTAKEN: Final = "desk.untaken"
_OVER: Final = "desk.session_over"
# The browser's cookie stays what it was when this page was opened: a session that ended is not begun again by it.
_ENDED: Final = "desk.ended"
# How long the API's word on who somebody is goes unasked; what is permitted it checks at every request anyway.
_FRESH_S: Final = 60.0


def signed_in(settings: DeskSettings, http: httpx.Client) -> Person:
    """Return who is signed in; without anybody, show how to sign in and stop the page. Raises ApiFault."""
    _hand_in_ticket()
    if st.session_state.pop(_LEAVING, False):
        st.logout()
        st.stop()
    if settings.api_key is not None:
        return _known(http, {"X-API-Key": settings.api_key.get_secret_value()})
    token = _token(settings)
    if token is not None:
        try:
            person = _known(http, {"Authorization": f"Bearer {token}"})
        except SignedOut:
            first = _WHO not in st.session_state
            session_is_over()
            st.session_state[_UNTAKEN] = first and came_lately()
        else:
            if person.scopes:
                return person
            _say_without_role(person)
    _ask(settings, http)
    raise AssertionError("st.stop() comes back from nowhere")


def somebody_is_known() -> bool:
    """Say whether this session has had a person already."""
    return _KNOWN in st.session_state


def session_is_over() -> None:
    """Take note that the API knows the token no more: the next drawing asks to sign in, and keeps what was typed."""
    st.session_state[_OVER] = st.session_state[_ENDED] = True
    st.session_state.pop(_TOKEN, None)
    st.session_state.pop(_KNOWN, None)


def sign_out() -> None:
    """End the session in this browser; what was typed is forgotten with it."""
    provider = bool(st.user.get("is_logged_in"))
    if _KNOWN in st.session_state:
        KEPT.forget(st.session_state[_KNOWN][2].id)
    for key in list(st.session_state):
        del st.session_state[key]
    st.session_state[_ENDED] = True
    st.session_state[_TICKET] = TICKETS.issue(None)
    if provider:
        st.session_state[_LEAVING] = True


def _token(settings: DeskSettings) -> str | None:
    if _TOKEN in st.session_state:
        return str(st.session_state[_TOKEN])
    if st.session_state.get(_ENDED):
        return None
    return provider_token(settings) or st.context.cookies.get(SESSION_COOKIE)


def _known(http: httpx.Client, credentials: dict[str, str]) -> Person:
    """Return the person behind credentials, as the API said it in the last minute."""
    asked: tuple[dict[str, str], float, Person] | None = st.session_state.get(_KNOWN)
    if asked is not None and asked[0] == credentials and time.monotonic() - asked[1] < _FRESH_S:
        return asked[2]
    me = who_am_i(DeskApi(http, credentials))
    _clear_for(me.id)
    person = Person(me.name, tuple(me.roles), frozenset(me.scopes), credentials, me.review_limit, me.id)
    st.session_state[DRAFTS] = KEPT.of(me.id)
    st.session_state[_KNOWN] = (credentials, time.monotonic(), person)
    return person


def _clear_for(person: str) -> None:
    """Forget what another person has left in this browser's session, whose own was over."""
    if st.session_state.get(_WHO, person) != person:
        for key in set(st.session_state) - {_TOKEN, _TICKET, _ENDED}:
            del st.session_state[key]
    st.session_state[_WHO] = person


def _ask(settings: DeskSettings, http: httpx.Client) -> None:
    """Draw the sign-in page and stop."""
    _left, middle, _right = st.columns([1, 1.4, 1])
    with middle:
        title = _("Sign in")
        st.html(f'<div class="page-heading"><h1>{title}</h1></div>')
        if st.session_state.get(_UNTAKEN):
            st.error(
                _(
                    "You have signed in, and the service does not know your bank's sign-in. Tell operations: issuer, "
                    "audience and keys of the two have to agree."
                ),
            )
        elif st.session_state.get(_OVER):
            st.warning(_("Your session is over. Sign in again: what you typed is kept."), icon=":material/schedule:")
        if settings.oidc_metadata_url is not None:
            st.write(_("You sign in at your bank's own sign-in page and come back here."))
            if st.button(_("Sign in with your bank account"), type="primary", width="stretch", key="desk-oidc"):
                st.login()
        if settings.asks_for_password:
            token = ask_for_password(DeskApi(http, {}))
            if token is not None:
                _begin(token)
    st.stop()


def _begin(token: str) -> None:
    st.session_state[_TOKEN] = token
    st.session_state[_TICKET] = TICKETS.issue(token)
    st.session_state.pop(_OVER, None)
    st.rerun()


def _hand_in_ticket() -> None:
    """Leave the ticket where desk.js finds it; drawn again it is the same, which desk.js does not hand in twice."""
    ticket = st.session_state.get(_TICKET, "")
    st.html(f'<div id="desk-session" hidden data-desk-session="{ticket}"></div>')


def _say_without_role(person: Person) -> None:
    st.warning(
        _("You are signed in as {name}, and no role of yours is known here. Ask an administrator for one.").format(
            name=person.name
        )
    )
    st.button(_("Sign out"), on_click=sign_out, key="desk-sign-out-without-role")
    st.stop()
