"""What a person types stays until it has arrived: it outlives errors, and going to another page and back.

Streamlit forgets a widget's value when the widget is not drawn; drafts are kept beside it, and by the person's id also
over a sign-in at another address, which ends the browser's session.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from desk.client.errors import ApiFault
from desk.parts.errors import show_fault
from desk.signin.drafts import DRAFTS


def drafts() -> dict[str, str]:
    """Return the person's drafts by name."""
    kept: dict[str, str] = st.session_state.setdefault(DRAFTS, {})
    return kept


def draft_area(label: str, name: str, *, most: int = 4000, height: int = 120, help_text: str | None = None) -> str:
    """Draw a text area whose text is kept under a name, and return the text."""
    key = f"draft-{name}"
    if key not in st.session_state:
        st.session_state[key] = drafts().get(name, "")

    def keep() -> None:
        drafts()[name] = st.session_state[key]

    text: str = st.text_area(label, key=key, max_chars=most, height=height, on_change=keep, help=help_text)
    drafts()[name] = text
    return text


def sent(name: str, send: Callable[[], object]) -> bool:
    """Send what was typed under a name: forget it once it has arrived, keep it and say why where it has not."""
    try:
        send()
    except ApiFault as fault:
        show_fault(fault, retry=False)
        return False
    drafts().pop(name, None)
    st.session_state.pop(f"draft-{name}", None)
    return True
