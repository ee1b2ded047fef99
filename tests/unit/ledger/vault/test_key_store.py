"""Keys in a SQLite file: found, kept, and gone from every file once destroyed."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from credit.errors import SettingsError
from ledger.vault.key_store import SqlKeyStore, open_key_store
from ledger.vault.master import MasterKeys
from ledger.vault.vault import ClientKey, ClientVault
from tests.fixtures.keys import MASTER, MASTER_KEY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlKeyStore]:
    opened = open_key_store(f"sqlite:///{tmp_path}/vault/keys.db")
    yield opened
    opened.close()


def a_key() -> ClientKey:
    return ClientKey(os.urandom(16), b"\x01" + os.urandom(15), os.urandom(64))


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_only_the_owner_can_read_the_file(store: SqlKeyStore, tmp_path: Path) -> None:
    """The file of keys, and whatever SQLite lays beside it, is the owner's alone."""
    store.add([a_key()])
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "vault").iterdir()}
    assert modes == {0o600}


def test_keys_are_found_by_lookup_and_by_name(store: SqlKeyStore) -> None:
    """Thousands are found in one question, and those that are not there are left out."""
    keys = [a_key() for _ in range(2500)]
    store.add(keys)
    assert store.by_lookup([key.lookup for key in keys] + [b"?" * 16]) == {key.lookup: key for key in keys}
    assert store.by_name([key.name for key in keys]) == {key.name: key for key in keys}
    assert [key.lookup for key in store.all_keys(b"", 10)] == sorted(key.lookup for key in keys)[:10]


def test_the_first_key_of_a_client_stays(store: SqlKeyStore) -> None:
    """Two processes that make a key for one client end with the same one."""
    first = a_key()
    store.add([first])
    store.add([ClientKey(first.lookup, b"\x01" + b"n" * 15, b"w" * 64), a_key()])
    assert store.by_lookup([first.lookup]) == {first.lookup: first}


def test_two_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    """Sinks that name the same clients at the same time get the same names."""
    url = f"sqlite:///{tmp_path}/keys.db"
    vaults = [ClientVault(open_key_store(url), MASTER) for _ in range(3)]
    clients = [str(i) for i in range(200)]
    names: list[list[bytes]] = []
    threads = [threading.Thread(target=lambda v=vault: names.append(v.names(clients))) for vault in vaults]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 3
    assert names[0] == names[1] == names[2]


def test_a_secret_is_made_once(store: SqlKeyStore) -> None:
    """The first secret of a name stays until it is replaced."""
    assert store.secret("lookup", b"one") == b"one"
    assert store.secret("lookup", b"two") == b"one"
    store.replace_secret("lookup", b"three")
    assert store.secret("lookup", b"two") == b"three"


@pytest.mark.parametrize("number", [1, 3000])
def test_a_destroyed_key_is_in_no_file(store: SqlKeyStore, tmp_path: Path, number: int) -> None:
    """After an erasure neither the wrapped key nor the client's name stands in the database, its log or its journal."""
    keys = [a_key() for _ in range(number)]
    store.add(keys)
    victim = keys[number // 2]
    # A client that is there must be found by this way of looking, or finding none would show nothing.
    before = all_bytes(tmp_path)
    assert victim.wrapped in before
    assert victim.name in before
    assert store.destroy([victim.lookup], 1234) == 1
    after = all_bytes(tmp_path)
    assert victim.wrapped not in after
    assert victim.name not in after
    assert store.by_name([victim.name]) == {}
    assert len(store.by_lookup([key.lookup for key in keys])) == number - 1
    assert store.erased([victim.lookup, b"?" * 16]) == {victim.lookup: 1234}


def test_a_former_wrapping_is_in_no_file(store: SqlKeyStore, tmp_path: Path) -> None:
    """Wrapped anew under another master key, the store holds nothing that the old one opens, and opens as before."""
    vault = ClientVault(store, MASTER)
    clients = [str(number) for number in range(1500)]
    names = vault.names(clients)
    former = [key.wrapped for key in store.by_name(names).values()]
    assert all(wrapped in all_bytes(tmp_path) for wrapped in former[::100])
    second = b"s" * 32
    assert ClientVault(store, MasterKeys([second, MASTER_KEY])).rewrap(at_once=400) == 1500
    after = all_bytes(tmp_path)
    assert not any(wrapped in after for wrapped in former)
    assert ClientVault(store, MasterKeys([second])).names(clients) == names


def test_erasing_twice_is_erasing_later(store: SqlKeyStore) -> None:
    """A second erasure finds nothing and moves the time up to which old rows stay forgotten."""
    key = a_key()
    store.add([key])
    assert store.destroy([key.lookup], 1) == 1
    assert store.destroy([key.lookup], 2) == 0
    assert store.erased([key.lookup]) == {key.lookup: 2}


def test_keys_outlive_the_process(tmp_path: Path) -> None:
    """A vault opened anew on the same file opens what the first one sealed."""
    url = f"sqlite:///{tmp_path}/keys.db"
    first = open_key_store(url)
    vault = ClientVault(first, MASTER)
    names = vault.names(["1"])
    boxes = vault.seal(names, [b"x"], [b"a"])
    first.close()
    assert ClientVault(open_key_store(url), MASTER).open_many(names, boxes, [b"a"]) == [b"x"]


@pytest.mark.parametrize("url", ["mysql://somewhere/else", "no address", "sqlite:////proc/nowhere/keys.db"])
def test_an_address_that_cannot_be_used_is_refused(url: str) -> None:
    """Another database, nonsense, or a folder that cannot be made: one line."""
    with pytest.raises(SettingsError):
        open_key_store(url)
