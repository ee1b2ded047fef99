"""Passwords of local users."""

from __future__ import annotations

import pytest

from access.passwords import PasswordRefused, first_password, hashed, is_password, require_good


def test_a_password_is_known_by_its_hash_alone() -> None:
    """The hash names Argon2id and holds no password; nobody's password is right where there is no user."""
    kept = hashed("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert "horse" not in kept
    assert is_password("correct horse battery", kept)
    assert not is_password("correct horse", kept)
    assert not is_password("correct horse battery", None)
    assert not is_password("x", "no hash at all")


@pytest.mark.parametrize(
    "password", ["short", "x" * 201, "anna-has-a-long-one", "ANNA has a long one", "the old password", "ababababababab"]
)
def test_easy_passwords_are_refused(password: str) -> None:
    """Too short, too long, with the user's name, the old one, or few letters again and again."""
    with pytest.raises(PasswordRefused, match="choose"):
        require_good(password, "anna", "the old password")


def test_first_passwords_are_good_ones() -> None:
    """They pass the rules that people's own must pass, and no two are the same."""
    made = {first_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        require_good(password, "admin", "")
