"""Bearer tokens that the home makes itself for its local users: one key pair in a folder, taken by every door."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from access.caller import Caller
from access.claims import person
from access.record_file import WatchedRecords
from access.secret_file import write_once
from access.users import LocalUser, user_records
from credit.errors import SettingsError

HOME_ISSUER: Final = "loanstream-home"
_AUDIENCE: Final = "loanstream"
_ALGORITHM: Final = "EdDSA"
_REQUIRED: Final = ["exp", "iss", "aud", "sub", "mark"]


class HomeIssuer:
    """Makes tokens; the key is made at the first one. Raises SettingsError where it cannot be read or made."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._clock = folder, clock

    def token(self, user: LocalUser, seconds: float) -> tuple[str, int]:
        """Return a token that says who the user is, and the second since the epoch at which it ends.

        What the user may do is not in it: the doors look at the file of users, so that a change holds at once.
        """
        key = _own_key(self._folder)
        now = int(self._clock())
        ends = now + int(seconds)
        claims = {"iss": HOME_ISSUER, "aud": _AUDIENCE, "sub": user.name, "mark": user.mark, "iat": now, "exp": ends}
        return jwt.encode(claims, key, _ALGORITHM, headers={"kid": _key_id(key.public_key())}), ends


class HomeTokens:
    """Reads the tokens of a folder's users; never asks anybody, and knows a removed user or a new role at once."""

    issuer = HOME_ISSUER

    def __init__(self, folder: Path, limits: Mapping[str, float] | None = None) -> None:
        self._folder, self._limits = folder, dict(limits or {})
        self._users = WatchedRecords(user_records(folder))
        self._stamp: tuple[int, int] | None = None
        self._key: tuple[str, Ed25519PublicKey] | None = None

    def ready_for(self, token: str) -> bool:
        """Say that no token needs anything that takes long."""
        del token
        return True

    def caller(self, token: str) -> Caller | None:
        """Return who a token belongs to; None where it is not ours, is over, or was ended."""
        try:
            key = self._key_of(str(jwt.get_unverified_header(token).get("kid")))
            if key is None:
                return None
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                issuer=HOME_ISSUER,
                audience=_AUDIENCE,
                options={"require": _REQUIRED},
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            return None
        user = self._users.now().find(claims["sub"])
        return None if user is None or user.mark != claims["mark"] else caller_of(user, self._limits)

    def _key_of(self, key_id: str) -> Ed25519PublicKey | None:
        """Return the key of this id; the file is looked at each time, so that a key that was deleted counts no more."""
        stamp = _stamp(_public_file(self._folder))
        if stamp != self._stamp:
            key = _public_key(self._folder)
            self._stamp, self._key = stamp, None if key is None else (_key_id(key), key)
        return self._key[1] if self._key is not None and self._key[0] == key_id else None


def caller_of(user: LocalUser, limits: Mapping[str, float]) -> Caller:
    """Return the caller that a local user is; a limit of the user's own takes the place of the roles'."""
    bounds = limits if user.limit is None else dict.fromkeys(user.roles, user.limit)
    return person(user.name, user.roles, bounds, user.full_name)


def _own_key(folder: Path) -> Ed25519PrivateKey:
    path = _key_file(folder)
    try:
        if not path.exists():
            write_once(path, _pem(Ed25519PrivateKey.generate()))
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        if not _public_file(folder).exists():
            write_once(_public_file(folder), public)
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise SettingsError(f"the key of sessions {path} cannot be read or made ({error})") from None
    assert isinstance(key, Ed25519PrivateKey)
    return key


def _public_key(folder: Path) -> Ed25519PublicKey | None:
    try:
        key = serialization.load_pem_public_key(_public_file(folder).read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _key_file(folder: Path) -> Path:
    return folder / "sessions-key.pem"


def _public_file(folder: Path) -> Path:
    return folder / "sessions-key.public.pem"


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _key_id(key: Ed25519PublicKey) -> str:
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]
