"""From claims to the caller."""

from __future__ import annotations

from typing import Any

import pytest

from access.claims import name_in, person


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "Anna Lind", "preferred_username": "anna"}, "Anna Lind"),
        ({"given_name": "Anna", "family_name": "Lind", "email": "a@bank.example"}, "Anna Lind"),
        ({"preferred_username": "anna", "email": "a@bank.example"}, "anna"),
        ({"name": ["Anna"], "email": "a@bank.example"}, "a@bank.example"),
        ({"sub": "anna"}, ""),
    ],
)
def test_what_a_person_is_called(claims: dict[str, Any], name: str) -> None:
    """The first of OIDC's claims that says it; nothing is made up."""
    assert name_in(claims) == name


def test_a_name_cannot_write_into_a_log() -> None:
    """A name of several lines or of great length stays one short line, and the subject is who it is."""
    caller = person("7f3a", ["adviser"], {}, "Anna\nuser:admin\t" + "x" * 500)
    assert caller.name == "user:7f3a"
    assert "\n" not in caller.display_name
    assert len(caller.display_name) <= 100
