"""The client whom the pages look at: chosen once, kept while the person goes from page to page, and in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from desk.application.values import Stored

_CHOSEN: Final = "desk.subject"


@dataclass(frozen=True, slots=True)
class DeskSubject:
    """Who is looked at.

    client: None where the client was erased. typed: the application that was typed in, None for the one on file.
    decision_id: the decision that was chosen, None for the client's newest.
    """

    client: int | None
    decision_id: str | None = None
    typed: Mapping[str, Stored] | None = field(default=None)


def chosen_subject() -> DeskSubject | None:
    """Return who is chosen, by this session or by the address (?client= or ?decision=); None where nobody is."""
    chosen: DeskSubject | None = st.session_state.get(_CHOSEN)
    if chosen is None:
        wanted, decision = st.query_params.get("client", ""), st.query_params.get("decision")
        if wanted.isdecimal() or decision:
            chosen = st.session_state[_CHOSEN] = DeskSubject(int(wanted) if wanted.isdecimal() else None, decision)
    return chosen


def choose(subject: DeskSubject | None) -> None:
    """Look at somebody from now on, or at nobody."""
    st.session_state[_CHOSEN] = subject
    for name in ("client", "decision"):
        st.query_params.pop(name, None)
    if subject is not None and subject.client is not None:
        st.query_params["client"] = str(subject.client)
