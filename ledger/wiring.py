"""What the processes of the ledger are given: database, vault, the log's key and what is on file, by settings."""

from __future__ import annotations

from sqlalchemy import Engine

from ledger.portfolio.on_file import ClientStore, OnFile
from ledger.settings import LedgerSettings
from ledger.store.engine import connect
from ledger.transparency.heads import HeadSigner
from ledger.transparency.signing_key import load_signing_key
from ledger.vault.key_store import open_key_store
from ledger.vault.master import MasterKeys
from ledger.vault.vault import ClientVault


def vault_of(settings: LedgerSettings) -> ClientVault:
    """Return the vault: a key for each client, in a key store of its own."""
    if settings.master_key is None:
        master = MasterKeys.at(settings.home / "keys" / "master-key")
    else:
        master = MasterKeys.read(settings.master_key.get_secret_value())
    return ClientVault(open_key_store(settings.key_store_url), master)


def on_file_of(settings: LedgerSettings) -> OnFile:
    """Return what tells facts about clients that a model did not read: the feature store of the settings."""

    def store() -> ClientStore:
        from credit.features import CATALOG
        from feature_store.store import open_store

        url = None if settings.redis_url is None else settings.redis_url.get_secret_value()
        return open_store(settings.feature_store, url, CATALOG.history_hash, len(CATALOG.history_names))

    return OnFile(store)


def signer_of(settings: LedgerSettings) -> HeadSigner:
    """Return what signs the log's heads; whichever process comes first makes the key."""
    return HeadSigner(load_signing_key(settings.signing_key_file), settings.log_name)


def engine_of(settings: LedgerSettings, durable: bool) -> Engine:
    """Return the engine of the settings' database; `durable` as in `connect`."""
    return connect(settings.url, durable)
