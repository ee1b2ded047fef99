"""Seals what is personal with a key of each client's own, so that forgetting a client is destroying one key.

A client has a random name of 16 bytes, by which its rows are found, and a random key, wrapped under the master key.
Both lie in one row of the key store, found by a keyed hash of the client's id. With that row destroyed, nobody can
open what was sealed, nor tell which rows were the client's, not even with the master key and a backup of the ledger.
"""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from credit.errors import PermanentError
from ledger.errors import Erased
from ledger.vault.master import MasterKeys

NAME_BYTES = 16
_KEY_BYTES = 32
_NONCE = 12
_LOOKUP_BYTES = 16
_HASHING_NAME = "lookup"
# The first byte of a name: of a client with a key, or of one that was erased before its row was written.
_KNOWN, _FORGOTTEN = b"\x01", b"\x00"
_FORMAT = b"\x01"


class BoxRefused(PermanentError):
    """A sealed box was altered, or belongs to another decision than the one it was opened for."""


@dataclass(frozen=True, slots=True)
class ClientKey:
    """One client's row: keyed hash of its id (16 bytes), its random name (16 bytes), its key under the master key."""

    lookup: bytes
    name: bytes
    wrapped: bytes


class KeyStore(Protocol):
    """Where keys are kept: apart from the ledger, so that no backup of rows is a backup of keys."""

    def by_lookup(self, lookups: Sequence[bytes]) -> Mapping[bytes, ClientKey]:
        """Return the keys that are there, by lookup."""
        ...

    def by_name(self, names: Sequence[bytes]) -> Mapping[bytes, ClientKey]:
        """Return the keys that are there, by name."""
        ...

    def add(self, keys: Sequence[ClientKey]) -> None:
        """Store keys, safe on disk before this returns; where a lookup has one already, that one stays."""
        ...

    def replace_wrapped(self, keys: Sequence[ClientKey]) -> None:
        """Store keys as they are wrapped anew, and leave nothing of the old wrapping in any file."""
        ...

    def all_keys(self, after: bytes, limit: int) -> Sequence[ClientKey]:
        """Return keys whose lookup comes after this one, by lookup."""
        ...

    def destroy(self, lookups: Sequence[bytes], at_ms: int) -> int:
        """Destroy keys so that no file holds them any more, note when, and return how many there were."""
        ...

    def erased(self, lookups: Sequence[bytes]) -> Mapping[bytes, int]:
        """Return when those clients were erased that were, milliseconds since the epoch."""
        ...

    def secret(self, name: str, made: bytes) -> bytes:
        """Return the store's own secret of a name, `made` where it has none yet."""
        ...

    def replace_secret(self, name: str, wrapped: bytes) -> None:
        """Store a secret as it is wrapped anew."""
        ...


class ClientVault:
    """The vault over its key store; remembers no key between calls, so that an erasure holds everywhere at once."""

    def __init__(self, keys: KeyStore, master: MasterKeys) -> None:
        self._keys, self._master = keys, master
        context = _HASHING_NAME.encode()
        wrapped = keys.secret(_HASHING_NAME, master.wrap(os.urandom(_KEY_BYTES), context))
        self._hashing = master.unwrap(wrapped, context)

    def lookup(self, kind: str, value: str) -> bytes:
        """Return the 16 bytes by which an id is searched: of a client its name, of anything else a keyed hash.

        For a client without a key it is a hash that no row has.
        """
        hashed = self._hash(kind, value)
        if kind != "client":
            return hashed
        found = self._keys.by_lookup([hashed]).get(hashed)
        return found.name if found else hashed

    def names(self, client_ids: Sequence[str], made_ms: Sequence[int] | None = None) -> list[bytes]:
        """Return the name of each client for rows to be written; a client without a key gets one, safe on disk.

        made_ms: when each row was decided. A row from before its client was erased, read again from a topic, gets a
        name that is nobody's, under which `seal` seals for nobody: erasure is not undone by a replay.
        """
        lookups = [self._hash("client", client_id) for client_id in client_ids]
        unique = list(dict.fromkeys(lookups))
        found = dict(self._keys.by_lookup(unique))
        missing = [lookup for lookup in unique if lookup not in found]
        erased = self._keys.erased(unique) if made_ms is not None else {}
        times = made_ms if made_ms is not None else [0] * len(lookups)
        past = [at <= erased.get(lookup, -1) for lookup, at in zip(lookups, times, strict=True)]
        needed = {lookup for lookup, gone in zip(lookups, past, strict=True) if not gone}
        new = [self._new_key(lookup) for lookup in missing if lookup in needed]
        if new:
            self._keys.add(new)
            # Another process may have been quicker: what is stored counts.
            found |= self._keys.by_lookup([key.lookup for key in new])
        return [
            _FORGOTTEN + os.urandom(NAME_BYTES - 1) if gone else found[lookup].name
            for lookup, gone in zip(lookups, past, strict=True)
        ]

    def seal(self, clients: Sequence[bytes], plain: Sequence[bytes], context: Sequence[bytes]) -> list[bytes]:
        """Seal each blob for the client of this name, bound to its context (the decision's id).

        Raises Erased where a client's key was destroyed between its naming and this: name it again.
        """
        keys = self._unwrapped(clients)
        nonces = os.urandom(_NONCE * len(plain))
        sealed = []
        for at, (name, blob, bound) in enumerate(zip(clients, plain, context, strict=True)):
            key = keys.get(name)
            if key is None:
                if name[:1] != _FORGOTTEN:
                    raise Erased("a client's key was destroyed while its decision was being stored; it is named anew")
                key = os.urandom(_KEY_BYTES)
            nonce = nonces[at * _NONCE : (at + 1) * _NONCE]
            sealed.append(_FORMAT + nonce + AESGCM(key).encrypt(nonce, blob, bound))
        return sealed

    def salts(self, clients: Sequence[bytes], context: Sequence[bytes]) -> list[bytes]:
        """Return 32 bytes for each context that only the client's key gives: destroyed with it.

        For a row that belongs to nobody they are random.
        """
        keys = self._unwrapped(clients)
        return [
            hmac.digest(keys.get(name) or os.urandom(_KEY_BYTES), b"salt|" + bound, "sha256")
            for name, bound in zip(clients, context, strict=True)
        ]

    def open(self, client: bytes, sealed: bytes, context: bytes) -> bytes:
        """Open a blob; raises Erased where its key was destroyed, BoxRefused where the box was altered."""
        opened = self.open_many([client], [sealed], [context])[0]
        if opened is None:
            raise Erased("the client was erased: the key of what was personal is destroyed")
        return opened

    def open_many(
        self, clients: Sequence[bytes], sealed: Sequence[bytes], context: Sequence[bytes]
    ) -> list[bytes | None]:
        """Open blobs, None for each whose key was destroyed; raises BoxRefused where one was altered."""
        keys = self._unwrapped(clients)
        return [
            _opened(keys[name], box, bound) if name in keys else None
            for name, box, bound in zip(clients, sealed, context, strict=True)
        ]

    def erase(self, client_id: str) -> bool:
        """Destroy a client's key for ever; returns whether there was one. What is decided later gets a new key."""
        return self._keys.destroy([self._hash("client", client_id)], time.time_ns() // 1_000_000) > 0

    def is_erased(self, client_id: str) -> bool:
        """Say whether a client was erased and has been given no new key since."""
        hashed = self._hash("client", client_id)
        return bool(self._keys.erased([hashed])) and not self._keys.by_lookup([hashed])

    def rewrap(self, at_once: int = 5000) -> int:
        """Wrap all keys under the first master key and return how many; then the others can be removed."""
        count, after = 0, b""
        while keys := self._keys.all_keys(after, at_once):
            after = keys[-1].lookup
            old = [key for key in keys if not self._master.is_current(key.wrapped)]
            if old:
                contexts = [key.lookup + key.name for key in old]
                plain = [self._master.unwrap(key.wrapped, bound) for key, bound in zip(old, contexts, strict=True)]
                self._keys.replace_wrapped(
                    [
                        ClientKey(key.lookup, key.name, self._master.wrap(secret, bound))
                        for key, secret, bound in zip(old, plain, contexts, strict=True)
                    ]
                )
            count += len(old)
        context = _HASHING_NAME.encode()
        self._keys.replace_secret(_HASHING_NAME, self._master.wrap(self._hashing, context))
        return count

    def _hash(self, kind: str, value: str) -> bytes:
        return hmac.digest(self._hashing, f"{kind}|{value}".encode(), "sha256")[:_LOOKUP_BYTES]

    def _new_key(self, lookup: bytes) -> ClientKey:
        name = _KNOWN + os.urandom(NAME_BYTES - 1)
        return ClientKey(lookup, name, self._master.wrap(os.urandom(_KEY_BYTES), lookup + name))

    def _unwrapped(self, names: Sequence[bytes]) -> dict[bytes, bytes]:
        found = self._keys.by_name(list(dict.fromkeys(names)))
        unwrap = self._master.unwrap
        return {name: unwrap(key.wrapped, key.lookup + key.name) for name, key in found.items()}


def _opened(key: bytes, box: bytes, context: bytes) -> bytes:
    try:
        if box[:1] != _FORMAT:
            raise BoxRefused("a sealed box has no known format: altered, or written by a newer version")
        return AESGCM(key).decrypt(box[1 : 1 + _NONCE], box[1 + _NONCE :], context)
    except (InvalidTag, ValueError):
        raise BoxRefused("a sealed box was altered, or is another decision's; `loanstream verify` names it") from None
