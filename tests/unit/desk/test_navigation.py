"""Who sees which page: by scope, and every page that is listed is there."""

from __future__ import annotations

from importlib import import_module

import pytest

from desk.navigation import SECTIONS

ENTRIES = [entry for entries in SECTIONS.values() for entry in entries]


@pytest.mark.parametrize("module", [entry.module for entry in ENTRIES])
def test_every_page_can_be_drawn(module: str) -> None:
    """Each entry names a module with a function that draws it."""
    assert callable(import_module(f"desk.pages.{module}").show)


def test_addresses_are_different() -> None:
    """No two pages have one address, and all eight of the desk are there."""
    assert len({entry.path for entry in ENTRIES}) == len(ENTRIES) == 8


def test_each_page_needs_a_scope() -> None:
    """No page is open to everybody; an adviser sees no portfolio and no queue."""
    adviser = {"decide", "read", "identity"}
    assert [entry.path for entry in ENTRIES if entry.scope in adviser] == [
        "client", "explanation", "comparison", "what-if", "model",
    ]  # fmt: skip
