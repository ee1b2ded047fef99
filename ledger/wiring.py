"""What both processes of the ledger are given: the database and the vault of the settings."""

from __future__ import annotations

from sqlalchemy import Engine

from ledger.settings import LedgerSettings
from ledger.store.engine import connect
from ledger.store.sealing import OneKeyVault, Vault


def vault_of(settings: LedgerSettings) -> Vault:
    """Return the vault of a home."""
    return OneKeyVault.at(settings.home / "vault-key")


def engine_of(settings: LedgerSettings, durable: bool) -> Engine:
    """Return the engine of the settings' database; `durable` as in `connect`."""
    return connect(settings.url, durable)
