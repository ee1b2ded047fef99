"""Sealing with a key of the client's own, and forgetting a client by destroying it."""

from __future__ import annotations

import os

import pytest

from ledger.errors import Erased
from ledger.vault.master import MasterKeyRefused, MasterKeys
from ledger.vault.vault import BoxRefused, ClientVault
from tests.fixtures.keys import MASTER, MemoryKeyStore, memory_vault


def test_what_was_sealed_can_be_opened_by_name() -> None:
    """Boxes of several clients open to what was sealed, and two clients share neither name nor box."""
    vault = memory_vault()
    names = vault.names(["1", "2", "1"])
    assert names[0] == names[2] != names[1]
    boxes = vault.seal(names, [b"one", b"two", b"three"], [b"a", b"b", b"c"])
    assert vault.open_many(names, boxes, [b"a", b"b", b"c"]) == [b"one", b"two", b"three"]
    assert vault.open(names[1], boxes[1], b"b") == b"two"


def test_the_name_is_found_for_reading_and_no_key_is_made_by_it() -> None:
    """Looking a client up gives its name, and an unknown client no row and no key."""
    keys = MemoryKeyStore()
    vault = ClientVault(keys, MASTER)
    [name] = vault.names(["1"])
    assert vault.lookup("client", "1") == name
    assert vault.lookup("client", "2") not in {key.name for key in keys.keys.values()}
    assert len(keys.keys) == 1
    assert vault.lookup("application", "1") not in (name, vault.lookup("client", "1"))
    assert vault.lookup("application", "1") == vault.lookup("application", "1")


def test_a_name_is_derived_from_nothing() -> None:
    """The same client under the same master key has another name in another key store."""
    assert memory_vault().names(["1"]) != memory_vault().names(["1"])


def test_erasing_destroys_the_key_and_the_link_to_the_rows() -> None:
    """After it nothing opens, the client's name is not found any more, and others are as before."""
    vault = memory_vault()
    names = vault.names(["1", "2"])
    boxes = vault.seal(names, [b"one", b"two"], [b"a", b"b"])
    salt = vault.salts(names[:1], [b"a"])
    assert vault.erase("1")
    assert vault.open_many(names, boxes, [b"a", b"b"]) == [None, b"two"]
    assert vault.salts(names[:1], [b"a"]) != salt
    assert vault.lookup("client", "1") not in names
    with pytest.raises(Erased):
        vault.open(names[0], boxes[0], b"a")
    assert not vault.erase("1")


def test_another_process_cannot_open_either() -> None:
    """A vault that opened a box a moment ago cannot once another vault erased the client: no key is remembered."""
    keys = MemoryKeyStore()
    one, other = ClientVault(keys, MASTER), ClientVault(keys, MASTER)
    [name] = one.names(["1"])
    [box] = one.seal([name], [b"one"], [b"a"])
    assert one.open(name, box, b"a") == b"one"
    other.erase("1")
    with pytest.raises(Erased):
        one.open(name, box, b"a")


def test_a_client_that_comes_back_is_a_new_one() -> None:
    """What is decided after the erasure is sealed under a new key and a new name; the old boxes stay shut."""
    vault = memory_vault()
    [old] = vault.names(["1"])
    [box] = vault.seal([old], [b"one"], [b"a"])
    vault.erase("1")
    [new] = vault.names(["1"], made_ms=[2**62])
    assert new != old
    assert vault.open_many([old, new], [box, *vault.seal([new], [b"two"], [b"b"])], [b"a", b"b"]) == [None, b"two"]


def test_a_topic_read_again_brings_nothing_back() -> None:
    """A row from before the erasure is sealed for nobody, under a name that is nobody's and no key that is kept."""
    keys = MemoryKeyStore()
    vault = ClientVault(keys, MASTER)
    vault.names(["1"])
    vault.erase("1")
    first, second, other = vault.names(["1", "1", "2"], made_ms=[1000, 2000, 1000])
    assert first != second
    boxes = vault.seal([first, second, other], [b"x"] * 3, [b"a", b"b", b"c"])
    assert vault.open_many([first, second, other], boxes, [b"a", b"b", b"c"]) == [None, None, b"x"]
    assert vault.lookup("client", "1") not in (first, second)
    assert len(keys.keys) == 1


def test_a_client_erased_while_it_is_stored_is_not_sealed_under_a_lost_key() -> None:
    """A name whose key went away meanwhile is refused, so that the sink names the client anew."""
    vault = memory_vault()
    names = vault.names(["1"])
    vault.erase("1")
    with pytest.raises(Erased):
        vault.seal(names, [b"x"], [b"a"])


@pytest.mark.parametrize("at", [0, 5, 20, -1])
def test_an_altered_box_is_refused(at: int) -> None:
    """A bit flipped anywhere in a box is noticed."""
    vault = memory_vault()
    names = vault.names(["1"])
    box = bytearray(vault.seal(names, [b"some content"], [b"a"])[0])
    box[at] ^= 1
    with pytest.raises(BoxRefused):
        vault.open(names[0], bytes(box), b"a")


def test_a_box_belongs_to_its_decision() -> None:
    """A box moved to another decision of the same client does not open."""
    vault = memory_vault()
    names = vault.names(["1"])
    [box] = vault.seal(names, [b"x"], [b"decision one"])
    with pytest.raises(BoxRefused):
        vault.open(names[0], box, b"decision two")
    with pytest.raises(BoxRefused):
        vault.open(names[0], b"", b"decision one")


def test_salts_are_the_same_while_the_key_lives() -> None:
    """A salt is 32 bytes, repeatable, and another for each decision and each client."""
    vault = memory_vault()
    names = vault.names(["1", "2"])
    one, two, three = vault.salts([names[0], names[0], names[1]], [b"a", b"b", b"a"])
    assert len({one, two, three}) == 3
    assert len(one) == 32
    assert vault.salts(names[:1], [b"a"]) == [one]


def test_the_master_key_can_be_replaced() -> None:
    """Wrapped anew under a second master key, everything opens with that one alone; with neither, nothing."""
    keys = MemoryKeyStore()
    vault = ClientVault(keys, MASTER)
    names = vault.names([str(i) for i in range(25)])
    boxes = vault.seal(names, [b"x"] * 25, [b"a"] * 25)
    second = os.urandom(32)
    both = ClientVault(keys, MasterKeys([second, b"m" * 32]))
    assert both.rewrap(at_once=10) == 25
    assert both.rewrap() == 0
    alone = ClientVault(keys, MasterKeys([second]))
    assert alone.open_many(names, boxes, [b"a"] * 25) == [b"x"] * 25
    assert alone.names(["7"]) == [names[7]]
    with pytest.raises(MasterKeyRefused):
        ClientVault(keys, MASTER)


def test_a_batch_asks_the_key_store_a_few_times_only() -> None:
    """Naming and sealing 500 decisions is a handful of questions, however many clients they are of."""
    keys = MemoryKeyStore()
    vault = ClientVault(keys, MASTER)
    names = vault.names([str(i) for i in range(500)], made_ms=[1] * 500)
    vault.seal(names, [b"x"] * 500, [b"a"] * 500)
    vault.salts(names, [b"a"] * 500)
    assert keys.asked <= 5
