"""Keys as they are kept: made, rotated, revoked, and never readable from their file."""

from __future__ import annotations

import json
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from access.caller import AccessScope
from access.keyring import Keyring
from access.keys import KeyFile, KeyRefused
from credit.errors import SettingsError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
READ = frozenset({AccessScope.READ})


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def test_a_secret_is_shown_once_and_its_file_says_nothing(tmp_path: Path) -> None:
    """The file has the hash of 256 random bits, is the owner's alone, and holds no secret."""
    path = tmp_path / "api-keys.json"
    one, other = KeyFile(path).add("desk", READ), KeyFile(path).add("monitor", READ)
    assert one != other
    assert len(one) >= 43
    assert one not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [key.name for key in KeyFile(path).listed()] == ["desk", "monitor"]
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("name", ["", "home", "Anna", "user:anna", "a b", "-x", "x" * 64])
def test_a_name_that_could_be_taken_for_another_is_refused(name: str, tmp_path: Path) -> None:
    """No key is called like the home's, like a person, or in a way that breaks a line of a log."""
    with pytest.raises(KeyRefused, match="no key's name"):
        KeyFile(tmp_path / "keys").add(name, READ)


def test_a_name_is_given_once(tmp_path: Path) -> None:
    """A name stays its first key's, also after that is revoked: logs must not become ambiguous."""
    keys = KeyFile(tmp_path / "keys")
    keys.add("desk", READ)
    with pytest.raises(KeyRefused, match="already"):
        keys.add("desk", READ)
    keys.revoke("desk")
    with pytest.raises(KeyRefused, match="already"):
        keys.add("desk", READ)


def test_a_key_can_do_something(tmp_path: Path) -> None:
    """A key without a scope is a slip of the pen."""
    with pytest.raises(KeyRefused, match="scope"):
        KeyFile(tmp_path / "keys").add("desk", frozenset())


def test_a_rotation_leaves_the_old_secret_its_time(tmp_path: Path) -> None:
    """Both secrets are taken for the stated time, then the new one alone."""
    path, clock = tmp_path / "keys", Clock()
    keys = KeyFile(path)
    old = keys.add("desk", READ, now=NOW)
    new = keys.rotate("desk", timedelta(hours=2), now=NOW)
    ring = Keyring(path, clock=clock)
    assert ring.caller(old) == ring.caller(new) is not None
    clock.now += timedelta(hours=2)
    assert ring.caller(old) is None
    assert ring.caller(new) is not None


def test_rotating_twice_does_not_prolong(tmp_path: Path) -> None:
    """A secret that was to end goes on to end then, and a key's own term outlives its rotation."""
    path, clock = tmp_path / "keys", Clock()
    keys = KeyFile(path)
    first = keys.add("desk", READ, now=NOW, expires_in=timedelta(days=1))
    second = keys.rotate("desk", timedelta(hours=1), now=NOW)
    third = keys.rotate("desk", timedelta(hours=5), now=NOW)
    ring = Keyring(path, clock=clock)
    clock.now = NOW + timedelta(hours=2)
    assert [ring.caller(secret) is not None for secret in (first, second, third)] == [False, True, True]
    clock.now = NOW + timedelta(days=1)
    assert ring.caller(third) is None
    with pytest.raises(KeyRefused, match="expired"):
        keys.rotate("desk", timedelta(0), now=clock.now)


def test_a_revoked_key_is_refused_at_once_and_for_good(tmp_path: Path) -> None:
    """Revoking ends every secret of a key, and nothing brings it back."""
    path = tmp_path / "keys"
    keys = KeyFile(path)
    old = keys.add("desk", READ, now=NOW)
    new = keys.rotate("desk", timedelta(days=1), now=NOW)
    ring = Keyring(path, clock=Clock())
    assert ring.caller(new)
    keys.revoke("desk", now=NOW)
    assert ring.caller(old) is None
    assert ring.caller(new) is None
    with pytest.raises(KeyRefused, match="revoked"):
        keys.rotate("desk", timedelta(0), now=NOW)
    assert keys.listed()[0].state(NOW) == "revoked"


def test_states_are_told(tmp_path: Path) -> None:
    """A list shows what is valid and what has run out."""
    keys = KeyFile(tmp_path / "keys")
    keys.add("short", READ, now=NOW, expires_in=timedelta(minutes=1))
    [key] = keys.listed()
    assert key.state(NOW) == "valid"
    assert key.state(NOW + timedelta(minutes=1)) == "expired"


@pytest.mark.parametrize("change", ["rotate", "revoke"])
def test_an_unknown_name_is_refused(change: str, tmp_path: Path) -> None:
    """Changing a key that is not there says so."""
    keys = KeyFile(tmp_path / "keys")
    with pytest.raises(KeyRefused, match="no key 'desk'"):
        keys.rotate("desk", timedelta(0)) if change == "rotate" else keys.revoke("desk")


def test_two_commands_at_once_lose_nothing(tmp_path: Path) -> None:
    """Keys made at the same time are all in the file."""
    path = tmp_path / "keys"
    threads = [threading.Thread(target=KeyFile(path).add, args=(f"k{i}", READ)) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(KeyFile(path).listed()) == 12


@pytest.mark.parametrize("content", ["{", "[]", '{"version": 2}', '{"keys": [{"name": "desk"}]}'])
def test_a_malformed_file_is_named(content: str, tmp_path: Path) -> None:
    """What is no key file is refused in one line that names it, and is not overwritten."""
    path = tmp_path / "keys"
    path.write_text(content)
    with pytest.raises(SettingsError, match="keys is malformed"):
        KeyFile(path).add("desk", READ)
    assert path.read_text() == content


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    """Names, scopes and hashes, as a person may want to look at them."""
    path = tmp_path / "keys"
    KeyFile(path).add("desk", READ, now=NOW, roles=frozenset({"lead"}), limit=1000.0)
    [key] = json.loads(path.read_text())["keys"]
    assert (key["name"], key["scopes"], key["roles"], key["limit"]) == ("desk", ["read"], ["lead"], 1000.0)
