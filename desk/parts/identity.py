"""The identity card: name and photo to roles that may see them, and what the file says first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import streamlit as st

from desk.application.values import Stored, label, told
from desk.client.clients import ClientClient, ClientIdentity
from desk.client.errors import ApiFault
from desk.parts.card import card, facts
from desk.parts.html import escape
from desk.parts.remembered import remembered
from desk.parts.subject import DeskSubject
from desk.session import DeskSession
from desk.words import _

_FIRST: Final = (
    "DAYS_BIRTH",
    "NAME_FAMILY_STATUS",
    "NAME_INCOME_TYPE",
    "AMT_INCOME_TOTAL",
    "DAYS_EMPLOYED",
    "NAME_CONTRACT_TYPE",
    "AMT_CREDIT",
    "AMT_ANNUITY",
)
# Pictures come from the ledger as data; nothing else is ever put into the page's img.
_PICTURE: Final = re.compile(r"data:image/(?:svg\+xml|png|jpeg);base64,[A-Za-z0-9+/=]+")
_NOBODY: Final = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="9" r="4"/>'
    '<path d="M4 21c1-5 4-7 8-7s7 2 8 7"/></svg>'
)


def identity_of(desk: DeskSession, subject: DeskSubject) -> ClientIdentity | None:
    """Return name and photo; None where the role may not see them or there are none."""
    client = subject.client
    if client is None or subject.typed is not None or not desk.person.may("identity"):
        return None
    try:
        return remembered(f"identity-{client}", lambda: ClientClient(desk.api).identity(client), 300)
    except ApiFault:
        return None


def draw_identity(desk: DeskSession, subject: DeskSubject, application: Mapping[str, Stored]) -> None:
    """Draw the card of who is looked at."""
    identity = identity_of(desk, subject)
    with card("identity"):
        st.html(_face(subject, identity))
        shown = [column for column in _FIRST if application.get(column) is not None]
        if shown:
            st.html(facts([(label(column), told(column, application[column])) for column in shown]))
        else:
            st.caption(_("No application of this client is on file."))


def _face(subject: DeskSubject, identity: ClientIdentity | None) -> str:
    number = _("Client {number}").format(number=subject.client) if subject.client else _("Client unknown")
    name = identity.name if identity is not None and identity.name else number
    photo = identity.photo if identity is not None else None
    picture = f'<img src="{photo}" alt="" width="72" height="72">' if photo and _PICTURE.fullmatch(photo) else _NOBODY
    below = number if name != number else ""
    made_up = identity is not None and identity.made_up
    mark = f'<span class="badge plain">{escape(_("made up"))}</span>' if made_up else ""
    return f'<div class="face">{picture}<div><h2>{escape(name)}</h2><p>{escape(below)} {mark}</p></div></div>'
