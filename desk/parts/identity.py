"""Who is looked at: name and photo to roles that may see them, and what the application says first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

import streamlit as st

from desk.application.values import Stored, label, told
from desk.client.clients import ClientClient, ClientIdentity
from desk.client.errors import ApiFault
from desk.parts.card import card, facts
from desk.parts.html import escape
from desk.parts.remembered import remembered
from desk.parts.subject import DeskSubject, choose
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
_PICTURE: Final = re.compile(r"data:image/(?:svg\+xml|png|jpeg|webp);base64,[A-Za-z0-9+/=]+")
_NOBODY: Final = '<span class="nobody"><span class="draw person" aria-hidden="true"></span></span>'


def identity_of(desk: DeskSession, subject: DeskSubject) -> ClientIdentity | None:
    """Return name and photo; None where the role may not see them or there are none."""
    client = subject.client
    if client is None or subject.typed is not None or not desk.person.may("identity"):
        return None
    try:
        return remembered(f"identity-{client}", lambda: ClientClient(desk.api).identity(client), 300)
    except ApiFault:
        return None


def draw_who(desk: DeskSession, subject: DeskSubject, *, heading: bool = False) -> None:
    """Say who is looked at, with a way to somebody else; heading: as the page's heading of the first level."""
    with st.container(key="desk-subject", horizontal=True, vertical_alignment="center"):
        st.html(_face(subject, identity_of(desk, subject), "h1" if heading else "p"))
        st.button(_("Another client"), icon=":material/search:", on_click=choose, args=(None,), key="another-client")


def draw_file(application: Mapping[str, Stored]) -> None:
    """Draw what the application says first."""
    with card("file", _("The application"), _("As it is on file, or as it was typed in.")):
        shown = [column for column in _FIRST if application.get(column) is not None]
        if shown:
            st.html(facts([(label(column), told(column, application[column])) for column in shown]))
        else:
            st.caption(_("No application of this client is on file."))


def _face(subject: DeskSubject, identity: ClientIdentity | None, tag: Literal["h1", "p"]) -> str:
    number = _("Client {number}").format(number=subject.client) if subject.client else _("Client unknown")
    name = identity.name if identity is not None and identity.name else number
    photo = identity.photo if identity is not None else None
    picture = f'<img src="{photo}" alt="">' if photo and _PICTURE.fullmatch(photo) else _NOBODY
    marks = [number] if name != number else []
    badges = [_("made up")] if identity is not None and identity.made_up else []
    badges += [_("typed in")] if subject.typed is not None else []
    below = " ".join([*map(escape, marks), *(f'<span class="badge plain">{escape(badge)}</span>' for badge in badges)])
    size = "page-heading large" if tag == "h1" else "small-face"
    return (
        f'<div class="face {size}">{picture}<div><{tag} class="name">{escape(name)}</{tag}><p>{below}</p></div></div>'
    )
