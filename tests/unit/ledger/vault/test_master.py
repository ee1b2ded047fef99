"""The master key: where it comes from, and what it refuses."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from credit.errors import SettingsError
from ledger.vault.master import MasterKeyRefused, MasterKeys


def test_a_file_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """The first use makes a key, later ones read it."""
    path = tmp_path / "ledger" / "master-key"
    wrapped = MasterKeys.at(path).wrap(b"k" * 32, b"context")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert MasterKeys.at(path).unwrap(wrapped, b"context") == b"k" * 32
    assert [file.name for file in path.parent.iterdir()] == ["master-key"]


def test_a_file_that_everybody_reads_is_refused(tmp_path: Path) -> None:
    """A key that others of the machine could have read is no secret."""
    path = tmp_path / "master-key"
    MasterKeys.at(path)
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="everybody"):
        MasterKeys.at(path)


@pytest.mark.parametrize("text", ["", "short", base64.b64encode(b"x" * 31).decode(), "zz" * 32])
def test_what_is_no_key_is_refused(text: str) -> None:
    """Too short, too long, neither hex nor base64: said in one line, without the key in it."""
    with pytest.raises(SettingsError) as refused:
        MasterKeys.read(text)
    assert not text or text not in str(refused.value)


def test_hex_and_base64_are_read() -> None:
    """The same key in both notations is the same key."""
    key = b"\x07" * 32
    one, other = MasterKeys.read(key.hex()), MasterKeys.read(base64.b64encode(key).decode())
    assert other.unwrap(one.wrap(b"k", b"c"), b"c") == b"k"


def test_a_wrapped_key_is_bound_to_its_context() -> None:
    """A wrapped key moved to another client's row, or altered, is refused."""
    master = MasterKeys([b"m" * 32])
    wrapped = master.wrap(b"k" * 32, b"client one")
    with pytest.raises(MasterKeyRefused):
        master.unwrap(wrapped, b"client two")
    with pytest.raises(MasterKeyRefused, match="another master key"):
        MasterKeys([b"n" * 32]).unwrap(wrapped, b"client one")
