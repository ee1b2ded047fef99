"""Who seals what is personal, as the store sees it; and a vault with one key for all clients."""

from __future__ import annotations

import contextlib
import hmac
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.errors import Erased

_NONCE = 12


class Vault(Protocol):
    """Seals and opens blobs with keys of the clients' own.

    A client stands in rows by a name of 16 bytes that says nothing without the vault's keys.
    """

    def lookup(self, kind: str, value: str) -> bytes:
        """Return the 16 bytes by which an id of a kind (client, application) is searched."""
        ...

    def names(self, client_ids: Sequence[str], made_ms: Sequence[int] | None = None) -> list[bytes]:
        """Return the name of each client for rows to be written; a client without a key gets one, safe on disk.

        made_ms: when each row was decided, so that a row from before its client's erasure is sealed for nobody.
        """
        ...

    def seal(self, clients: Sequence[bytes], plain: Sequence[bytes], context: Sequence[bytes]) -> list[bytes]:
        """Seal each blob for the client of this name, bound to its context (the decision's id).

        Raises Erased where a client's key was destroyed since it was named: name it again.
        """
        ...

    def open(self, client: bytes, sealed: bytes, context: bytes) -> bytes:
        """Open a blob; raises Erased where its key was destroyed."""
        ...


class OneKeyVault:
    """One secret for all: each client's key is derived from it, so that no single client can be erased.

    It keeps the files unreadable to whoever has not the secret, and no more.
    """

    def __init__(self, secret: bytes) -> None:
        self._hashing = hmac.digest(secret, b"lookup", "sha256")
        self._sealing = hmac.digest(secret, b"seal", "sha256")

    @classmethod
    def at(cls, path: Path) -> OneKeyVault:
        """Return the vault whose secret is in a file; the first call makes one that only the owner can read."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(os.urandom(32))
        return cls(path.read_bytes())

    def lookup(self, kind: str, value: str) -> bytes:
        return hmac.digest(self._hashing, f"{kind}|{value}".encode(), "sha256")[:16]

    def names(self, client_ids: Sequence[str], made_ms: Sequence[int] | None = None) -> list[bytes]:
        del made_ms
        return [self.lookup("client", client_id) for client_id in client_ids]

    def seal(self, clients: Sequence[bytes], plain: Sequence[bytes], context: Sequence[bytes]) -> list[bytes]:
        sealed = []
        for client, blob, bound in zip(clients, plain, context, strict=True):
            nonce = os.urandom(_NONCE)
            sealed.append(nonce + self._cipher(client).encrypt(nonce, blob, bound))
        return sealed

    def open(self, client: bytes, sealed: bytes, context: bytes) -> bytes:
        try:
            return self._cipher(client).decrypt(sealed[:_NONCE], sealed[_NONCE:], context)
        except InvalidTag:
            raise Erased("this cannot be opened with the ledger's key; it was sealed with another") from None

    def _cipher(self, client: bytes) -> AESGCM:
        return AESGCM(hmac.digest(self._sealing, client, "sha256"))
