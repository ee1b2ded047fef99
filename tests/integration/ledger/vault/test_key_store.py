"""Keys in a real PostgreSQL: found, agreed upon, and gone from the table's files once destroyed."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from ledger.errors import LedgerUnavailable
from ledger.vault.key_store import SqlKeyStore, open_key_store
from ledger.vault.vault import ClientKey, ClientVault
from tests.fixtures.keys import MASTER

pytestmark = pytest.mark.integration


@pytest.fixture
def url(database_url: str) -> str:
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite has tests of its own")
    return database_url


@pytest.fixture
def store(url: str) -> Iterator[SqlKeyStore]:
    opened = open_key_store(url)
    yield opened
    opened.close()


def a_key() -> ClientKey:
    return ClientKey(os.urandom(16), b"\x01" + os.urandom(15), os.urandom(64))


def table_bytes(url: str) -> bytes:
    """Return the bytes of the key table and its indexes, after a checkpoint has written them."""
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
        names = ("client_keys", "client_keys_pkey", "client_keys_name_key")
        read = text("SELECT pg_read_binary_file(pg_relation_filepath(CAST(:name AS regclass)))")
        found = b"".join(bytes(connection.execute(read, {"name": name}).scalar_one()) for name in names)
    engine.dispose()
    return found


def test_a_destroyed_key_is_in_no_file_of_the_table(store: SqlKeyStore, url: str) -> None:
    """VACUUM FULL writes the table anew: neither the wrapped key nor the name is left in it as a dead row."""
    keys = [a_key() for _ in range(500)]
    store.add(keys)
    victim = keys[250]
    assert victim.wrapped in table_bytes(url)
    assert store.destroy([victim.lookup], 1234) == 1
    after = table_bytes(url)
    assert victim.wrapped not in after
    assert victim.name not in after
    assert keys[251].wrapped in after
    assert store.erased([victim.lookup]) == {victim.lookup: 1234}
    assert len(store.by_name([key.name for key in keys])) == 499


def test_the_first_key_and_the_first_secret_stay(store: SqlKeyStore) -> None:
    """What two processes make at the same time ends as the first one's."""
    first = a_key()
    store.add([first])
    store.add([ClientKey(first.lookup, b"\x01" + b"n" * 15, b"w" * 64)])
    assert store.by_lookup([first.lookup]) == {first.lookup: first}
    assert store.secret("lookup", b"one") == store.secret("lookup", b"two") == b"one"
    store.replace_secret("lookup", b"three")
    store.replace_wrapped([ClientKey(first.lookup, first.name, b"x" * 64)])
    assert store.secret("lookup", b"two") == b"three"
    assert store.by_name([first.name])[first.name].wrapped == b"x" * 64


def test_two_machines_at_once_agree_on_the_keys(url: str) -> None:
    """Sinks on several machines that name the same clients get the same names."""
    stores = [open_key_store(url) for _ in range(3)]
    vaults = [ClientVault(store, MASTER) for store in stores]
    names: list[list[bytes]] = []
    clients = [str(i) for i in range(300)]
    threads = [threading.Thread(target=lambda v=vault: names.append(v.names(clients))) for vault in vaults]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert len(names) == 3
    assert names[0] == names[1] == names[2]


def test_a_key_store_that_is_away_is_waited_for(url: str) -> None:
    """Nobody there: an error that the sink tries again, not one that stops it."""
    nobody = url.replace(url.rsplit("@", 1)[1], "127.0.0.1:1/nothing")
    with pytest.raises(LedgerUnavailable):
        open_key_store(nobody)
