"""Which pages there are, in their order, and which scope each needs: the API checks it again at each request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Final

import streamlit as st
from streamlit.navigation.page import Page

from desk.session import DeskSession
from desk.words import N_, _


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page: `desk.pages.<module>.show(desk)` draws it."""

    module: str
    title: str
    icon: str
    scope: str

    @property
    def path(self) -> str:
        """Where it stands, as in /what-if."""
        return self.module.replace("_", "-")


SECTIONS: Final[dict[str, tuple[PageEntry, ...]]] = {
    N_("Client"): (
        PageEntry("client", N_("Client"), "person_search", "read"),
        PageEntry("explanation", N_("Explanation"), "query_stats", "read"),
        PageEntry("comparison", N_("Comparison"), "compare_arrows", "read"),
        PageEntry("what_if", N_("What if"), "tune", "decide"),
    ),
    N_("Review"): (PageEntry("review", N_("Review"), "rate_review", "review"),),
    N_("Bank"): (
        PageEntry("portfolio", N_("Portfolio"), "donut_small", "portfolio"),
        PageEntry("operations", N_("Operations"), "monitoring", "portfolio"),
        PageEntry("model", N_("Model"), "verified", "read"),
    ),
}


def pages_of(desk: DeskSession) -> dict[str, Sequence[Page]]:
    """Return the sections with all pages; those that the person's role does not include are not offered.

    Whoever goes to one of them by its address is answered by the API, which refuses what the page asks for.
    """
    shown = {_(section): [_page(entry, desk) for entry in entries] for section, entries in SECTIONS.items()}
    return {section: pages for section, pages in shown.items() if pages}


def keep_address() -> None:
    """Tell Streamlit which addresses there are before anybody is signed in, and show none of them.

    It would else forget which page was asked for, and lead whoever has signed in to the first one.
    """
    pages = [
        st.Page(_nothing_yet, title=_(entry.title), url_path=entry.path, default=entry.module == "client")
        for entries in SECTIONS.values()
        for entry in entries
    ]
    st.navigation(pages, position="hidden")


def _nothing_yet() -> None:
    """Stand in for every page while nobody is signed in."""


def _page(entry: PageEntry, desk: DeskSession) -> Page:
    show: Callable[[DeskSession], None] = import_module(f"desk.pages.{entry.module}").show
    drawn = partial(show, desk)
    return st.Page(
        drawn,
        title=_(entry.title),
        icon=f":material/{entry.icon}:",
        url_path=entry.path,
        default=entry.module == "client",
        visibility="visible" if desk.person.may(entry.scope) else "hidden",
    )
