"""From a key to its caller."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from access.caller import ALL_SCOPES, AccessScope, Caller, ScopeMissing
from access.keyring import Keyring
from access.keys import KeyFile
from credit.errors import SettingsError

READ = frozenset({AccessScope.READ})


def test_a_key_says_who_calls(tmp_path: Path) -> None:
    """The caller has the key's name, scopes, roles and limit; another key is another caller, a guess is nobody."""
    path = tmp_path / "keys"
    secret = KeyFile(path).add("desk", READ, roles=frozenset({"lead"}), limit=5.0)
    other = KeyFile(path).add("jobs", frozenset({AccessScope.DECIDE}))
    ring = Keyring(path)
    assert ring.caller(secret) == Caller("desk", "key", READ, frozenset({"lead"}), 5.0)
    assert ring.caller(other) == Caller("jobs", "key", frozenset({AccessScope.DECIDE}))
    for guess in ("", secret[:-1], secret + "x", "home", "lsk_"):
        assert ring.caller(guess) is None


def test_the_single_key_is_called_home_and_may_do_everything() -> None:
    """The key of a home or of a cluster goes on working, with a name and all scopes."""
    caller = Keyring(None, "s" * 64).caller("s" * 64)
    assert caller is not None
    assert (caller.name, caller.scopes) == ("home", ALL_SCOPES)
    assert Keyring(None, None).caller("") is None
    assert Keyring(None, "").caller("") is None


def test_a_key_made_later_is_known_at_once(tmp_path: Path) -> None:
    """The file is looked at again when it changes, also where it was not there at the start."""
    path = tmp_path / "keys"
    ring = Keyring(path)
    assert ring.empty
    secret = KeyFile(path).add("desk", READ)
    assert ring.caller(secret)
    assert not ring.empty
    KeyFile(path).rotate("desk", timedelta(0))
    assert ring.caller(secret) is None


def test_a_broken_file_leaves_the_last_good_keys(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file that cannot be read any more shuts nobody out, and is complained of; at the start it stops the door."""
    path = tmp_path / "keys"
    secret = KeyFile(path).add("desk", READ)
    ring = Keyring(path)
    path.write_text("{")
    assert ring.caller(secret)
    assert "stays valid" in caplog.text
    with pytest.raises(SettingsError):
        Keyring(path)
    path.unlink()
    assert ring.caller(secret) is None


def test_a_caller_is_held_to_its_scopes() -> None:
    """What a key has not, it may not; an admin may all."""
    Caller("desk", "key", READ).require(AccessScope.READ)
    with pytest.raises(ScopeMissing, match="desk has not the scope audit"):
        Caller("desk", "key", READ).require(AccessScope.AUDIT)
    Caller("root", "key", frozenset({AccessScope.ADMIN})).require(AccessScope.AUDIT)
