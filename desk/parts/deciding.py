"""Takes a decision for good, and shows it from then on."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from desk.application.values import Stored
from desk.client.decisions import DecisionClient
from desk.client.errors import ApiFault
from desk.parts.errors import show_fault
from desk.parts.remembered import forget
from desk.parts.subject import DeskSubject, choose
from desk.session import DeskSession


def decide_now(desk: DeskSession, application: Mapping[str, Stored], number: str | None = None) -> bool:
    """Decide an application and look at the decision; false where a fault was shown instead.

    number: the application's id; the client's own where there is none.
    """
    try:
        answer = DecisionClient(desk.api).decide(application, number)
    except ApiFault as fault:
        show_fault(fault, retry=False)
        return False
    st.session_state[f"answer-{answer.decision_id}"] = answer
    forget("decisions-", "receipt-")
    choose(DeskSubject(answer.sk_id_curr, answer.decision_id))
    return True
