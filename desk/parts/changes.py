"""What would bring an approval: the verified counterfactual, in the applicant's terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from desk.application.values import Stored, label, told
from desk.client.errors import ApiFault
from desk.client.simulations import DeskCounterfactual, SimulationClient, SuggestedChange
from desk.parts.card import card
from desk.parts.errors import show_fault
from desk.parts.html import escape
from desk.parts.outcome import badge
from desk.parts.remembered import remembered
from desk.parts.subject import DeskSubject
from desk.session import DeskSession
from desk.shown import ShownDecision
from desk.words import N_, _, amount, percent

_MOVES: Final[dict[str, str]] = {
    "borrow_less": N_("Ask for a credit of {AMT_CREDIT}."),
    "pay_part_yourself": N_("Pay part of the price yourself and ask for a credit of {AMT_CREDIT}."),
    "longer_term": N_("Agree on a longer term, with payments of {AMT_ANNUITY}."),
    "shorter_term": N_("Agree on a shorter term, with payments of {AMT_ANNUITY}."),
    "prove_more_income": N_("Show proof of an income of {AMT_INCOME_TOTAL}."),
    "register_where_you_live": N_("Register the residence where the applicant lives."),
    "give_work_phone": N_("Give a phone number at work."),
    "give_home_phone": N_("Give a phone number at home."),
    "give_email": N_("Give an e-mail address."),
    "supply_document_3": N_("Supply document 3 of the list."),
    "supply_document_6": N_("Supply document 6 of the list."),
    "supply_document_8": N_("Supply document 8 of the list."),
}


def search_changes(
    desk: DeskSession, subject: DeskSubject, application: Mapping[str, Stored], shown: ShownDecision
) -> DeskCounterfactual | ApiFault | None:
    """Return what the search found, the fault that stopped it, or None where there is nothing to search in.

    A stored decision is asked about by its number, so that it is its own application that is looked at.
    """
    if shown.stored and not shown.erased:
        number = shown.decision_id
        try:
            return remembered(f"changes-of-{number}", lambda: SimulationClient(desk.api).changes_of(number), 120)
        except ApiFault as fault:
            return fault
    if not application or not desk.person.may("decide"):
        return None
    client = subject.client if subject.typed is None else None
    name = f"changes-{client or hash(tuple(sorted(application.items(), key=lambda pair: pair[0])))}"
    try:
        return remembered(name, lambda: SimulationClient(desk.api).changes(client, application), 120)
    except ApiFault as fault:
        return fault


def draw_changes(found: DeskCounterfactual | ApiFault | None) -> None:
    """Draw what would most help the applicant."""
    if found is None:
        return
    with card("changes", _("What would most help"), _("The smallest changes within the applicant's reach.")):
        if isinstance(found, ApiFault):
            show_fault(found, retry=False)
            return
        if found.status == "already_approved":
            st.write(_("As it stands, the application would be approved today."))
        elif found.status == "found" and found.decision is not None:
            _draw_plan(found)
        elif found.status == "none_within_reach":
            st.write(_("No change within the applicant's reach brings an approval today; every plan was looked at."))
        else:
            st.write(_("A change was found, but it was not approved when it was decided again: none is told."))
        if found.reproduced is False:
            st.caption(_("Today's model, or what is known of the client, gives another risk than the decision's."))


def _draw_plan(found: DeskCounterfactual) -> None:
    assert found.decision is not None
    # A column that several moves change is told with the first of them.
    amounts = {one.field: amount(one.after) for change in found.changes for one in change.fields}
    items = "".join(
        f"<li><strong>{escape(change_words(change, amounts))}</strong>{_cells(change)}</li>" for change in found.changes
    )
    st.html(f'<ol class="plan">{items}</ol>')
    risk = _("Risk {before} → {after}").format(
        before=percent(found.probability_of_default), after=percent(found.decision.probability_of_default)
    )
    verified = _("Decided again with the same model and policy. An offer, not a promise.")
    st.html(f'<p class="verified">{badge(found.decision.outcome)} {escape(risk)} <span>{escape(verified)}</span></p>')


def change_words(change: SuggestedChange, amounts: Mapping[str, str]) -> str:
    """Return a change as an instruction in the language spoken now; amounts: of all columns of the plan, in words."""
    if change.move not in _MOVES:
        return change.words
    try:
        return _(_MOVES[change.move]).format_map(amounts)
    except KeyError:  # a column that the plan leaves as it was: the API's own words have it
        return change.words


def _cells(change: SuggestedChange) -> str:
    rows = "".join(
        f"<li>{escape(label(one.field))}: {escape(told(one.field, one.before))} → "
        f"{escape(told(one.field, one.after))}</li>"
        for one in change.fields
    )
    return f"<ul>{rows}</ul>" if rows else ""
