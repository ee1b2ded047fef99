"""The vault with one key."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ledger.errors import Erased
from ledger.store.sealing import OneKeyVault


def test_a_blob_opens_for_its_client_and_its_context_alone(tmp_path: Path) -> None:
    """Moved to another client or another decision, it stays shut."""
    vault = OneKeyVault.at(tmp_path / "key")
    ann, ben = vault.names(["1", "2"])
    (sealed,) = vault.seal([ann], [b"secret"], [b"decision-1"])
    assert vault.open(ann, sealed, b"decision-1") == b"secret"
    for client, context in ((ben, b"decision-1"), (ann, b"decision-2")):
        with pytest.raises(Erased):
            vault.open(client, sealed, context)


def test_the_secret_is_made_once_and_for_the_owner(tmp_path: Path) -> None:
    """A second start has the same keys, and nobody else can read the file."""
    path = tmp_path / "deep" / "key"
    first, second = OneKeyVault.at(path), OneKeyVault.at(path)
    assert first.lookup("client", "1") == second.lookup("client", "1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_searched_depends_on_kind_and_secret() -> None:
    """The same number as client and as application, or under another secret, is another word."""
    vault, other = OneKeyVault(b"a" * 32), OneKeyVault(b"b" * 32)
    words = {vault.lookup("client", "1"), vault.lookup("application", "1"), other.lookup("client", "1")}
    assert len(words) == 3
