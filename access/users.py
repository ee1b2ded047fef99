"""Local users of one machine: who they are, their roles, and a file of them; no names and passwords in a cluster's."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from access.passwords import first_password, hashed
from access.record_file import RecordFile
from access.roles import SCOPES_OF_ROLE
from credit.errors import PermanentError

FIRST_USER = "admin"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class UserRefused(PermanentError):
    """The user cannot be made or changed as asked: the message says which name is taken, unknown or malformed."""


class LocalUser(BaseModel):
    """A person who signs in with a password; sessions are valid while their tokens hold the user's present `mark`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    full_name: str = Field(default="", max_length=100)
    roles: frozenset[str]
    password: str = Field(description="Argon2id hash.", repr=False)
    must_change: bool = True
    mark: str
    made_at: AwareDatetime
    removed_at: AwareDatetime | None = None
    limit: float | None = Field(
        default=None, ge=0, description="Largest credit amount of a review; its role's if null."
    )

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name[:70]!r} is no user's name: small letters, digits and . _ -")
        return name

    @field_validator("roles")
    @classmethod
    def _known(cls, roles: frozenset[str]) -> frozenset[str]:
        if not roles or roles - set(SCOPES_OF_ROLE):
            wrong = ", ".join(sorted(roles - set(SCOPES_OF_ROLE))) or "none"
            raise ValueError(f"a role is one of {', '.join(SCOPES_OF_ROLE)}; not {wrong}")
        return roles


class UserList(BaseModel):
    """The file's content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    users: tuple[LocalUser, ...] = ()

    def find(self, name: str) -> LocalUser | None:
        """Return the user of a name who may sign in, None where there is none or was one."""
        return next((user for user in self.users if user.name == name and user.removed_at is None), None)

    def named(self, name: str) -> LocalUser:
        """Return the user of a name; raises UserRefused where there is none."""
        found = self.find(name)
        if found is None:
            raise UserRefused(f"there is no user {name!r}; `loanstream users list` shows them")
        return found

    def with_user(self, changed: LocalUser) -> UserList:
        """Return the list with one user put in place, or added."""
        return UserList(users=(*(user for user in self.users if user.name != changed.name), changed))


def user_records(folder: Path) -> RecordFile[UserList]:
    """Return the file of users in a folder."""
    return RecordFile(folder / "users.json", UserList, "file of users")


class UserFile:
    """Makes, changes and removes users in a folder's file; one change at a time, each whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._file = user_records(folder)

    def listed(self) -> tuple[LocalUser, ...]:
        """Return all users, removed ones too, by name."""
        return tuple(sorted(self._file.read().users, key=lambda user: user.name))

    def add(
        self,
        name: str,
        roles: frozenset[str],
        full_name: str = "",
        limit: float | None = None,
        now: datetime | None = None,
    ) -> str:
        """Make a user and return the password of the first sign-in; raises UserRefused for a taken name."""
        password = first_password()
        with self._file.changing() as listed:
            if any(user.name == name for user in listed.users):
                raise UserRefused(f"there is or was a user {name!r}; logs would mix them up: take another name")
            try:
                made = LocalUser(
                    name=name,
                    full_name=full_name,
                    roles=roles,
                    password=hashed(password),
                    mark=_mark(),
                    made_at=now or datetime.now(UTC),
                    limit=limit,
                )
            except ValidationError as error:
                raise UserRefused(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
            self._file.write(listed.with_user(made))
        return password

    def first(self) -> str | None:
        """Make the first user, an admin, where there never was one; returns its password, else None."""
        if self._file.read().users:
            return None
        try:
            return self.add(FIRST_USER, frozenset({"admin"}))
        except UserRefused:  # another start was quicker, and shows it
            return None

    def new_first_password(self, name: str) -> str:
        """Give a user another password for a first sign-in and return it; sessions that are open end."""
        password = first_password()
        self._change(name, password=hashed(password), must_change=True)
        return password

    def set_password(self, name: str, kept: str) -> LocalUser:
        """Keep a hash that the user has chosen the password of; sessions that are open end. Returns the user."""
        return self._change(name, password=kept, must_change=False)

    def remove(self, name: str, now: datetime | None = None) -> None:
        """Let a user sign in no more; open sessions end, and the name stays, so that logs still say whose it was."""
        self._change(name, removed_at=now or datetime.now(UTC))

    def _change(self, name: str, **changes: object) -> LocalUser:
        with self._file.changing() as listed:
            changed = listed.named(name).model_copy(update={"mark": _mark(), **changes})
            self._file.write(listed.with_user(changed))
        return changed


def _mark() -> str:
    return secrets.token_hex(8)
