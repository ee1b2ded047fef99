"""Passwords of local users: how they are kept, checked, made, and which are refused."""

from __future__ import annotations

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from credit.errors import PermanentError

LEAST, MOST = 12, 200
# Argon2id with RFC 9106's second recommendation, the library's default: 64 MiB and some tens of milliseconds a guess.
_HASHER = PasswordHasher()
# So that guessers can take neither all cores nor all memory: two hashes at a time in a process.
_AT_A_TIME = threading.BoundedSemaphore(2)
# Letters and digits that nobody mistakes for another when copying from a terminal.
_PLAIN = "abcdefghjkmnpqrstuvwxyz23456789"


class PasswordRefused(PermanentError):
    """The new password is not taken: choose another, as the message says."""


def hashed(password: str) -> str:
    """Return the Argon2id hash under which a password is kept, with its salt and costs."""
    with _AT_A_TIME:
        return _HASHER.hash(password)


@cache
def _nobodys() -> str:
    """Return the hash of a password that nobody knows."""
    return _HASHER.hash(secrets.token_hex(32))


def is_password(password: str, kept: str | None) -> bool:
    """Say whether a password is the one of a hash; None stands for no such user and takes the same time."""
    with _AT_A_TIME:
        try:
            _HASHER.verify(kept or _nobodys(), password[:MOST])
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def require_good(password: str, user: str, former: str) -> None:
    """Raise PasswordRefused for a password that is too short, too long, the former one, or holds the user's name.

    No rule on kinds of letters: length is what helps (NIST SP 800-63B, 3.1.1.2).
    """
    if not LEAST <= len(password) <= MOST:
        raise PasswordRefused(f"a password has {LEAST} to {MOST} characters; choose a longer or a shorter one")
    if user.casefold() in password.casefold():
        raise PasswordRefused("the password holds the user's name; choose another")
    if password == former:
        raise PasswordRefused("the new password is the old one; choose another")
    if len(set(password)) < 5:
        raise PasswordRefused("the password repeats few characters; choose another")


def first_password() -> str:
    """Return a password for a first sign-in: 79 random bits in four groups that are easy to copy."""
    return "-".join("".join(secrets.choice(_PLAIN) for _ in range(4)) for _ in range(4))
