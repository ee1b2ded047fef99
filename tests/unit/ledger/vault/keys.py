"""A key store in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ledger.vault.master import MasterKeys
from ledger.vault.vault import ClientKey, ClientVault

MASTER = MasterKeys([b"m" * 32])


class MemoryKeyStore:
    """Keys in a dictionary; counts how often it is asked."""

    def __init__(self) -> None:
        self.keys: dict[bytes, ClientKey] = {}
        self.gone: dict[bytes, int] = {}
        self.secrets: dict[str, bytes] = {}
        self.asked = 0

    def by_lookup(self, lookups: Sequence[bytes]) -> Mapping[bytes, ClientKey]:
        self.asked += 1
        return {lookup: self.keys[lookup] for lookup in lookups if lookup in self.keys}

    def by_name(self, names: Sequence[bytes]) -> Mapping[bytes, ClientKey]:
        self.asked += 1
        named = {key.name: key for key in self.keys.values()}
        return {name: named[name] for name in names if name in named}

    def add(self, keys: Sequence[ClientKey]) -> None:
        for key in keys:
            self.keys.setdefault(key.lookup, key)

    def replace_wrapped(self, keys: Sequence[ClientKey]) -> None:
        self.keys |= {key.lookup: key for key in keys}

    def all_keys(self, after: bytes, limit: int) -> Sequence[ClientKey]:
        return [self.keys[lookup] for lookup in sorted(self.keys) if lookup > after][:limit]

    def destroy(self, lookups: Sequence[bytes], at_ms: int) -> int:
        self.gone |= dict.fromkeys(lookups, at_ms)
        return sum(self.keys.pop(lookup, None) is not None for lookup in lookups)

    def erased(self, lookups: Sequence[bytes]) -> Mapping[bytes, int]:
        return {lookup: self.gone[lookup] for lookup in lookups if lookup in self.gone}

    def secret(self, name: str, made: bytes) -> bytes:
        return self.secrets.setdefault(name, made)

    def replace_secret(self, name: str, wrapped: bytes) -> None:
        self.secrets[name] = wrapped


def memory_vault() -> ClientVault:
    return ClientVault(MemoryKeyStore(), MASTER)
