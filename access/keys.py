"""API keys as they are kept: a file of names, scopes and hashes, replaced whole, readable by its owner alone."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from access.caller import AccessScope
from access.record_file import RecordFile
from credit.errors import PermanentError

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
# So that a scanner of repositories and logs knows one when it sees it.
_PREFIX = "lsk_"
HOME_KEY = "home"


class KeyRefused(PermanentError):
    """The key cannot be made or changed as asked: the message says which name is taken, unknown or malformed."""


class StoredSecret(BaseModel):
    """The hash of one secret, and until when it is taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    until: AwareDatetime | None = None


class ApiKey(BaseModel):
    """A named key: while it is rotated it has two secrets, each with its own end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    scopes: frozenset[AccessScope]
    secrets: tuple[StoredSecret, ...]
    made_at: AwareDatetime
    revoked_at: AwareDatetime | None = None
    roles: frozenset[str] = frozenset()
    limit: float | None = Field(default=None, ge=0, description="Largest credit amount of a review; none if null.")

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        if not _NAME.fullmatch(name) or name == HOME_KEY:
            raise ValueError(f"{name!r} is no key's name: small letters, digits, . _ -, and not {HOME_KEY!r}")
        return name

    def state(self, now: datetime) -> Literal["valid", "expired", "revoked"]:
        """Say whether any of its secrets is taken at that time."""
        if self.revoked_at is not None:
            return "revoked"
        return "valid" if any(s.until is None or now < s.until for s in self.secrets) else "expired"


class KeyList(BaseModel):
    """The file's content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    keys: tuple[ApiKey, ...] = ()

    def named(self, name: str) -> ApiKey:
        """Return a key; raises KeyRefused where there is none of that name."""
        for key in self.keys:
            if key.name == name:
                return key
        raise KeyRefused(f"there is no key {name!r}; `loanstream keys list` shows them")

    def with_key(self, changed: ApiKey) -> KeyList:
        """Return the list with one key put in its place, or added."""
        others = tuple(key for key in self.keys if key.name != changed.name)
        return KeyList(keys=(*others, changed))


def secret_hash(secret: str) -> str:
    """Return the hash under which a secret is kept, hex.

    One SHA-256 and no slow password hash: a key is 256 random bits, which nobody can try through, and a slow hash
    would cost every request what it is meant to cost a guesser.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def key_file(path: Path) -> RecordFile[KeyList]:
    """Return the file of keys at a path."""
    return RecordFile(path, KeyList, "key file")


class KeyFile:
    """Makes, rotates and revokes keys in a file; one change at a time, each whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._file = key_file(path)

    def listed(self) -> tuple[ApiKey, ...]:
        """Return all keys, revoked ones too, by name."""
        return tuple(sorted(self._file.read().keys, key=lambda key: key.name))

    def add(
        self,
        name: str,
        scopes: frozenset[AccessScope],
        now: datetime | None = None,
        expires_in: timedelta | None = None,
        roles: frozenset[str] = frozenset(),
        limit: float | None = None,
    ) -> str:
        """Make a key and return its secret, which is kept nowhere; raises KeyRefused for a taken name."""
        now = now or datetime.now(UTC)
        secret = _new_secret()
        with self._file.changing() as listed:
            if any(key.name == name for key in listed.keys):
                raise KeyRefused(f"there is a key {name!r} already, revoked or not; rotate it, or take another name")
            if not scopes:
                raise KeyRefused("a key without a scope can do nothing; name at least one")
            until = None if expires_in is None else now + expires_in
            try:
                stored = (StoredSecret(sha256=secret_hash(secret), until=until),)
                key = ApiKey(name=name, scopes=scopes, secrets=stored, made_at=now, roles=roles, limit=limit)
            except ValidationError as error:
                raise KeyRefused(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
            self._file.write(listed.with_key(key))
        return secret

    def rotate(self, name: str, old_valid_for: timedelta, now: datetime | None = None) -> str:
        """Give a key a new secret and return it; the old one is taken for that long still, unless it ends before."""
        now = now or datetime.now(UTC)
        secret = _new_secret()
        with self._file.changing() as listed:
            key = listed.named(name)
            if key.state(now) == "revoked":
                raise KeyRefused(f"the key {name!r} is revoked for good; make another")
            last = now + old_valid_for
            kept = tuple(
                old.model_copy(update={"until": last if old.until is None else min(old.until, last)})
                for old in key.secrets
                if old.until is None or now < old.until
            )
            # What was to expire goes on to expire: a rotation changes the secret, not the term.
            terms = [old.until for old in key.secrets]
            until = None if None in terms else max(term for term in terms if term is not None)
            new = StoredSecret(sha256=secret_hash(secret), until=until)
            if key.state(now) == "expired":
                raise KeyRefused(f"the key {name!r} has expired; make another")
            self._file.write(listed.with_key(key.model_copy(update={"secrets": (*kept, new)})))
        return secret

    def revoke(self, name: str, now: datetime | None = None) -> None:
        """Take a key back, at once and for good; its name stays, so that logs still say whose it was."""
        with self._file.changing() as listed:
            key = listed.named(name)
            if key.revoked_at is None:
                self._file.write(listed.with_key(key.model_copy(update={"revoked_at": now or datetime.now(UTC)})))


def _new_secret() -> str:
    return _PREFIX + secrets.token_urlsafe(32)
