"""A fault as a person reads it: what happened, what to do, and what the API said."""

from __future__ import annotations

from typing import Final

import streamlit as st

from desk.client.errors import (
    ApiAway,
    ApiFault,
    ChangedMeanwhile,
    ErasedForGood,
    NotOnFile,
    NotPermitted,
    RefusedInput,
    SignedOut,
    TooManyAtOnce,
    UnexpectedAnswer,
)
from desk.signin import session_is_over
from desk.words import N_, _

# What happened, what to do.
_WORDS: Final[dict[type[ApiFault], tuple[str, str]]] = {
    ApiAway: (
        N_("The service does not answer."),
        N_("Nothing was lost and what you typed is kept. Wait a moment, then try again; if it stays, tell operations."),
    ),
    SignedOut: (N_("Your session is over."), N_("Sign in again. What you typed is kept.")),
    NotPermitted: (
        N_("Your role does not include this."),
        N_("Ask a colleague whose role does, or have yours changed by an administrator."),
    ),
    NotOnFile: (
        N_("There is nothing on file under this number."),
        N_("Check the number. A decision that was just taken appears within a few seconds."),
    ),
    ChangedMeanwhile: (
        N_("Somebody else has changed this meanwhile."),
        N_("Load it again and look at what it is now. What you typed is kept."),
    ),
    ErasedForGood: (
        N_("This client's data were erased."),
        N_("What was personal cannot be shown any more; that the decision was taken can still be proved."),
    ),
    RefusedInput: (N_("Something in the form cannot be taken."), N_("Correct what is named below and send it again.")),
    TooManyAtOnce: (N_("There is more to do than can be done in time."), N_("Wait a few seconds and try again.")),
    UnexpectedAnswer: (
        N_("The service answered something that this desk does not understand."),
        N_("Tell operations: desk and service may be of different versions."),
    ),
}


def show_fault(fault: ApiFault, *, retry: bool = True, place: str = "page") -> None:
    """Show a fault in the place where its answer would stand; `retry` offers a button that draws the page again.

    place: different for each place of a page that may show one.
    """
    if isinstance(fault, SignedOut):
        session_is_over()
    what, todo = _WORDS.get(type(fault), _WORDS[UnexpectedAnswer])
    lines = [f"**{_(what)}** {_(todo)}"]
    lines += [f"- `{field}`: {message}" for field, message in fault.fields[:12]]
    st.error("\n".join(lines), icon=":material/error:")
    if not fault.fields:
        st.caption(_("The service said: {detail}").format(detail=fault.detail))
    if isinstance(fault, SignedOut):
        st.button(_("Sign in"), icon=":material/login:", key="sign-in-again")
    elif retry and not isinstance(fault, RefusedInput | NotPermitted | ErasedForGood):
        st.button(_("Try again"), icon=":material/refresh:", key=f"retry-{place}")
