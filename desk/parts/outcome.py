"""An outcome in its words, its colour and its symbol, which always come together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from desk.parts.html import escape
from desk.words import N_, _


@dataclass(frozen=True, slots=True)
class OutcomeLook:
    """How an outcome is said; its symbol is drawn by the style sheet."""

    word: str
    said: str
    todo: str


LOOKS: Final[dict[str, OutcomeLook]] = {
    "approve": OutcomeLook(N_("Approve"), N_("Approved"), N_("The loan can be granted.")),
    "refer": OutcomeLook(N_("Refer"), N_("Referred"), N_("A person decides: it waits in the review queue.")),
    "decline": OutcomeLook(N_("Decline"), N_("Declined"), N_("The loan cannot be granted as asked for.")),
}


def outcome_word(outcome: str) -> str:
    """Return the outcome as it is said of a decision."""
    return _(LOOKS[outcome].said)


def symbol(outcome: str) -> str:
    """Return the drawing of an outcome, which its word always stands beside."""
    return f'<span class="draw {escape(outcome)}" aria-hidden="true"></span>'


def badge(outcome: str) -> str:
    """Return a small mark of an outcome as HTML."""
    return f'<span class="badge {escape(outcome)}">{symbol(outcome)}{escape(outcome_word(outcome))}</span>'


def outcome_banner(outcome: str, below: str, *, mark: str = "") -> None:
    """Draw an outcome large, with a line below it; mark: a word in its corner, such as Simulation."""
    look = LOOKS[outcome]
    name = _("Outcome")
    corner = f'<span class="corner">{escape(mark)}</span>' if mark else ""
    st.html(
        f'<section class="outcome {escape(outcome)}" aria-label="{escape(name)}">'
        f'<span class="ring">{symbol(outcome)}</span>'
        f'<div><h2>{escape(_(look.said))}</h2><p>{escape(_(look.todo))}</p><p class="small">{escape(below)}</p></div>'
        f"{corner}</section>"
    )
