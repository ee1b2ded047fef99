"""The master key, under which every client's key is wrapped: from a setting, or from a file of the home."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from credit.errors import PermanentError, SettingsError
from ledger.secret_file import read_or_make

_BYTES = 32
_NONCE = 12
_MARK = 4


class MasterKeyRefused(PermanentError):
    """A client's key was wrapped under a master key that is not at hand: add that one to the setting or the file."""


class MasterKeys:
    """Wraps and unwraps keys with AES-256-GCM; the first master key wraps, all of them unwrap.

    So a master key is replaced by putting a new one first, wrapping all again (`ClientVault.rewrap`), and then
    removing the old one.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != _BYTES for key in keys):
            raise SettingsError("a master key is 32 bytes, in base64 or in hex; make one with: openssl rand -base64 32")
        # The mark says under which key something is wrapped; of the key itself it says nothing.
        self._ciphers = {hashlib.sha256(b"master key" + key).digest()[:_MARK]: AESGCM(key) for key in keys}
        self._first = next(iter(self._ciphers))

    @classmethod
    def read(cls, text: str) -> MasterKeys:
        """Read keys from text, one a line or with commas between; raises SettingsError where one is none."""
        return cls([_decoded(word) for word in text.replace(",", " ").split()])

    @classmethod
    def at(cls, path: Path) -> MasterKeys:
        """Return the keys in a file; the first call makes one that only the owner can read."""
        made = read_or_make(path, lambda: base64.b64encode(os.urandom(_BYTES)) + b"\n")
        return cls.read(made.decode(errors="replace"))

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Return a key as it may be stored, bound to its context."""
        nonce = os.urandom(_NONCE)
        return self._first + nonce + self._ciphers[self._first].encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Return the key; raises MasterKeyRefused where no master key at hand opens it."""
        cipher = self._ciphers.get(wrapped[:_MARK])
        if cipher is None:
            raise MasterKeyRefused(
                "the clients' keys are wrapped under another master key: add it behind the one that "
                "LOANSTREAM_LEDGER_MASTER_KEY or keys/master-key of the ledger's home names"
            )
        try:
            return cipher.decrypt(wrapped[_MARK : _MARK + _NONCE], wrapped[_MARK + _NONCE :], context)
        except InvalidTag:
            raise MasterKeyRefused("a wrapped key was altered; restore the key store") from None

    def is_current(self, wrapped: bytes) -> bool:
        """Return whether a key is wrapped under the first master key."""
        return wrapped[:_MARK] == self._first


def _decoded(word: str) -> bytes:
    try:
        return bytes.fromhex(word) if len(word) == 2 * _BYTES else base64.b64decode(word, validate=True)
    except (ValueError, binascii.Error):
        raise SettingsError("a master key is neither base64 nor hex; make one with: openssl rand -base64 32") from None
