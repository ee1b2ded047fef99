"""Finds the decision that a page shows of a client: the chosen one, else the newest, else what would be decided."""

from __future__ import annotations

import streamlit as st

from desk.application.values import Stored
from desk.client.clients import ClientClient
from desk.client.decisions import DecisionClient, DeskDecision
from desk.client.errors import NotOnFile
from desk.client.simulations import SimulationClient
from desk.parts.decision_view import policy_of
from desk.parts.remembered import remembered
from desk.parts.subject import DeskSubject
from desk.parts.told import decisions_of
from desk.session import DeskSession
from desk.shown import ShownDecision, of_answer, of_receipt, of_simulation


def decision_of_subject(desk: DeskSession, subject: DeskSubject) -> ShownDecision | None:
    """Return what to show of who is looked at; None where the client was never decided.

    A typed application is simulated. A decision that was answered a moment ago is shown as it was answered until the
    ledger has it. Raises ApiFault.
    """
    if subject.typed is not None:
        typed = subject.typed
        name = f"simulated-{hash(tuple(sorted((key, str(value)) for key, value in typed.items())))}"
        simulation = remembered(name, lambda: SimulationClient(desk.api).of_application(typed), 60)
        return of_simulation(simulation, policy_of(desk))
    number = subject.decision_id or _newest(desk, subject.client)
    if number is None:
        return None
    try:
        receipt = remembered(f"receipt-{number}", lambda: DecisionClient(desk.api).receipt(number))
    except NotOnFile:
        answer: DeskDecision | None = st.session_state.get(f"answer-{number}")
        if answer is None:
            raise
        return of_answer(answer, policy_of(desk))
    return of_receipt(receipt)


def application_of_subject(desk: DeskSession, subject: DeskSubject) -> dict[str, Stored]:
    """Return the application of who is looked at: typed in, as it was decided, or else the one on file.

    Empty where there is none. Raises ApiFault.
    """
    if subject.typed is not None:
        return dict(subject.typed)
    kept = kept_application(desk, subject)
    if kept is not None:
        return kept
    client = subject.client
    if client is None:
        return {}
    try:
        return dict(remembered(f"file-{client}", lambda: ClientClient(desk.api).file(client), 60).application)
    except NotOnFile:
        return {}


def kept_application(desk: DeskSession, subject: DeskSubject) -> dict[str, Stored] | None:
    """Return the application of the decision that is shown, None where it has none that was kept."""
    if subject.typed is not None:
        return None
    shown = decision_of_subject(desk, subject)
    if shown is None or shown.application is None:
        return None
    return dict(shown.application) | {"SK_ID_CURR": shown.client}


def _newest(desk: DeskSession, client: int | None) -> str | None:
    listed = [] if client is None else decisions_of(desk, client)
    return listed[0].decision_id if listed else None
