"""Sign-in of local users: a name and a password against a token that ends by itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from access.guesses import GuessBrake
from access.home_tokens import HomeIssuer
from access.passwords import hashed, is_password, require_good
from access.users import LocalUser, UserFile, user_records
from credit.errors import PermanentError


class SignInRefused(PermanentError):
    """User or password is wrong, which of them is not said: try again, or have an admin set a new password."""


@dataclass(frozen=True, slots=True)
class SignInSession:
    """What a sign-in gives; no token where a first password has to be changed before anything else.

    expires_at: seconds since the epoch.
    """

    user: LocalUser
    token: str | None = None
    expires_at: int | None = None

    @property
    def must_change(self) -> bool:
        return self.token is None


class Sessions:
    """Opens sessions for the users of a folder, which last so many seconds."""

    def __init__(self, folder: Path, seconds: float, brake: GuessBrake | None = None) -> None:
        self._records, self._users = user_records(folder), UserFile(folder)
        self._issuer, self._seconds = HomeIssuer(folder), seconds
        self._brake = brake or GuessBrake()

    def open(self, name: str, password: str) -> SignInSession:
        """Return a session; raises SignInRefused, or TooManyTries. Takes some tens of milliseconds of a core."""
        user = self._checked(name, password)
        return SignInSession(user) if user.must_change else self._session(user)

    def change_password(self, name: str, password: str, new: str) -> SignInSession:
        """Take a new password for the old one and return a session; all others of the user end.

        Raises SignInRefused, TooManyTries, or PasswordRefused for one that is too easy.
        """
        user = self._checked(name, password)
        require_good(new, user.name, password)
        return self._session(self._users.set_password(user.name, hashed(new)))

    def _checked(self, name: str, password: str) -> LocalUser:
        self._brake.attempt(name)
        user = self._records.read().find(name)
        if not is_password(password, None if user is None else user.password) or user is None:
            raise SignInRefused("user or password is wrong")
        self._brake.succeeded(name)
        return user

    def _session(self, user: LocalUser) -> SignInSession:
        token, ends = self._issuer.token(user, self._seconds)
        return SignInSession(user, token, ends)
