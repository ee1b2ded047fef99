"""An outcome in its words, its colour and its symbol, which always come together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from desk.parts.html import escape
from desk.words import N_, _


@dataclass(frozen=True, slots=True)
class OutcomeLook:
    """How an outcome is said and shown; symbol: path of a 24×24 drawing."""

    word: str
    said: str
    todo: str
    symbol: str


LOOKS: Final[dict[str, OutcomeLook]] = {
    "approve": OutcomeLook(N_("Approve"), N_("Approved"), N_("The loan can be granted."), "M20 6 9 17l-5-5"),
    "refer": OutcomeLook(
        N_("Refer"), N_("Referred"), N_("A person decides: it waits in the review queue."), "M12 5v9m0 5v.01"
    ),
    "decline": OutcomeLook(
        N_("Decline"), N_("Declined"), N_("The loan cannot be granted as asked for."), "M6 6l12 12M18 6 6 18"
    ),
}


def outcome_word(outcome: str) -> str:
    """Return the outcome as it is said of a decision."""
    return _(LOOKS[outcome].said)


def symbol(outcome: str) -> str:
    """Return the drawing of an outcome, which its word always stands beside."""
    return f'<svg class="symbol" viewBox="0 0 24 24" aria-hidden="true"><path d="{LOOKS[outcome].symbol}"/></svg>'


def badge(outcome: str) -> str:
    """Return a small mark of an outcome as HTML."""
    return f'<span class="badge {escape(outcome)}">{symbol(outcome)}{escape(outcome_word(outcome))}</span>'


def outcome_banner(outcome: str, below: str, *, mark: str = "") -> None:
    """Draw an outcome large, with a line below it; mark: a word in its corner, such as Simulation."""
    look = LOOKS[outcome]
    corner = f'<span class="corner">{escape(mark)}</span>' if mark else ""
    st.html(
        f'<section class="outcome {escape(outcome)}" aria-label="{escape(_("Outcome"))}">{symbol(outcome)}'
        f'<div><h2>{escape(_(look.said))}</h2><p>{escape(_(look.todo))}</p><p class="small">{escape(below)}</p></div>'
        f"{corner}</section>"
    )
