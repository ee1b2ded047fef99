"""The receipt of a decision and its proof, checked here and now."""

from __future__ import annotations

import json
from typing import Final

import streamlit as st

from desk.client.decisions import DeskProof, proof_of
from desk.client.errors import ApiAway, ApiFault
from desk.parts.card import card, facts
from desk.parts.errors import show_fault
from desk.parts.html import escape
from desk.parts.remembered import remembered
from desk.proof import ProofCheck, ShownFigures, check_proof, fingerprint
from desk.session import DeskSession
from desk.shown import ShownDecision
from desk.words import N_, _, moment, number

_CHECKS: Final[dict[str, tuple[str, str]]] = {
    "signature": (
        N_("The head of the log is signed with the log's key."),
        N_("The head of the log is not signed with the log's key."),
    ),
    "included": (N_("The receipt is in the log under that head."), N_("The receipt is not in the log.")),
    "shown": (
        N_("What this page shows is what the receipt says."),
        N_("What this page shows differs from the receipt."),
    ),
    "personal": (
        N_("The client's data are those the receipt commits to."),
        N_("The client's data are not those the receipt commits to."),
    ),
    "adds_up": (N_("The contributions add up to the score."), N_("The contributions do not add up to the score.")),
}


def draw_receipt(desk: DeskSession, shown: ShownDecision) -> None:
    """Draw where the decision stands in the log, and every check of its proof."""
    with card("proof", _("Receipt and proof"), _("Checked on this desk, by code that is not the ledger's.")):
        number_ = shown.decision_id
        try:
            proof, raw = remembered(f"proof-{number_}", lambda: proof_of(desk.api, number_), 60)
        except ApiAway:
            st.info(
                _("The receipt is not under a signed head yet. That takes a second; try again."),
                icon=":material/hourglass:",
            )
            st.button(_("Try again"), key="proof-again", icon=":material/refresh:")
            return
        except ApiFault as fault:
            show_fault(fault, place="proof")
            return
        key = desk.settings.log_key or proof.head.verifier_key
        checks = check_proof(proof, key, ShownFigures(number_, shown.outcome, shown.probability))
        st.html(_verdict(checks))
        st.html(facts(_facts(shown, proof, key)))
        if desk.settings.log_key is None:
            st.caption(_("The key came with the proof: compare its name and number with what the bank publishes."))
        st.download_button(
            _("Download the proof (JSON)"),
            json.dumps(json.loads(raw), indent=1),
            f"proof-{number_}.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
        )


def _verdict(checks: list[ProofCheck]) -> str:
    good = all(check.holds for check in checks)
    title = _("Proved: this is the decision that was taken.") if good else _("Not proved: tell the auditor.")
    rows = "".join(_row(check) for check in checks)
    return f'<div class="proof {"good" if good else "bad"}"><h3>{escape(title)}</h3><ul>{rows}</ul></div>'


def _row(check: ProofCheck) -> str:
    text = _CHECKS[check.what][0 if check.holds else 1]
    sign, word = ("✓", _("holds")) if check.holds else ("✕", _("does not hold"))
    mark = f'<span role="img" aria-label="{escape(word)}">{sign}</span>'
    return f'<li class="{"holds" if check.holds else "fails"}">{mark}{escape(_(text))}</li>'


def _facts(shown: ShownDecision, proof: DeskProof, key: str) -> list[tuple[str, str]]:
    place = _("{index} of {size}").format(index=number(proof.index + 1), size=number(proof.head.size))
    return [
        (_("Decision"), shown.decision_id),
        (_("Place in the log"), place),
        (_("Head signed"), moment(proof.head.at_ms)),
        (_("Key of the log"), fingerprint(key)),
    ]
