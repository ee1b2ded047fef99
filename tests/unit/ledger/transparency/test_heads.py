"""Signed tree heads: what a signature covers, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from credit.errors import SettingsError
from ledger.transparency.heads import HeadRefused, HeadSigner, TreeHead, read_head
from ledger.transparency.signing_key import load_signing_key

SIGNER = HeadSigner(Ed25519PrivateKey.from_private_bytes(b"k" * 32), "bank.example/loans")
ROOT = hashlib.sha256(b"root").digest()
AT_MS = 1_764_120_000_000


def test_a_head_reads_back_as_it_was_signed() -> None:
    """The note of a head leads back to the log's name, its size, its root and the time."""
    signed = SIGNER.sign(1234, ROOT, AT_MS)
    assert read_head(signed.note, SIGNER.verifier_key) == signed
    assert signed.head == TreeHead("bank.example/loans", 1234, ROOT, AT_MS)


def test_the_note_is_a_checkpoint_of_c2sp() -> None:
    """Its lines are those of tlog-checkpoint, and the key's hash is the signed note's."""
    signed = SIGNER.sign(1234, ROOT, AT_MS)
    lines = signed.note.split("\n")
    assert lines[:3] == ["bank.example/loans", "1234", base64.b64encode(ROOT).decode()]
    assert lines[4] == ""
    assert lines[5].startswith("— bank.example/loans ")
    name, key_hash, key = SIGNER.verifier_key.split("+", 2)
    public = base64.b64decode(key)
    assert public[:1] == b"\x01"
    assert hashlib.sha256(name.encode() + b"\n" + public).hexdigest()[:8] == key_hash
    assert base64.b64decode(lines[5].split(" ")[2])[:4].hex() == key_hash


def test_every_character_of_the_text_is_signed() -> None:
    """A head with any one character of its text changed is refused."""
    note = SIGNER.sign(1234, ROOT, AT_MS).note
    text = note.index("\n\n")
    for at in range(text):
        other = "x" if note[at] != "x" else "y"
        with pytest.raises(HeadRefused):
            read_head(note[:at] + other + note[at + 1 :], SIGNER.verifier_key)


@pytest.mark.parametrize(
    "note", ["", "\n\n", "a\n1\n\n", "bank.example/loans\n1\nAAAA\nat_ms 1\n\n— bank.example/loans AAAA\n"]
)
def test_what_is_no_head_is_refused(note: str) -> None:
    """Nonsense is refused in our own words, whatever is missing of it."""
    with pytest.raises(HeadRefused):
        read_head(note, SIGNER.verifier_key)


def test_another_key_is_refused() -> None:
    """A head of another key, or under another name, is not this log's."""
    note = SIGNER.sign(1, ROOT, AT_MS).note
    for key, name in ((b"o" * 32, "bank.example/loans"), (b"k" * 32, "bank.example/other")):
        other = HeadSigner(Ed25519PrivateKey.from_private_bytes(key), name)
        with pytest.raises(HeadRefused):
            read_head(note, other.verifier_key)
    with pytest.raises(HeadRefused):
        read_head(note, "bank.example/loans+00000000+" + SIGNER.verifier_key.rsplit("+", 1)[1])


def test_compaction_keeps_one_head_a_day() -> None:
    """Heads of one day share a record key, heads of two days do not."""
    day = 24 * 3600 * 1000
    begin = AT_MS // day * day
    keys = [SIGNER.sign(1, ROOT, at).record_key() for at in (begin, begin + day - 1, begin + day)]
    assert keys[0] == keys[1] != keys[2]
    assert keys[0] == b"bank.example/loans/2025-11-26"


def test_the_message_says_what_the_note_says() -> None:
    """The published message repeats the note's figures, and holds it whole."""
    signed = SIGNER.sign(7, ROOT, AT_MS)
    message = signed.message()
    assert (message.size, message.at_ms, base64.b64decode(message.root)) == (7, AT_MS, ROOT)
    assert read_head(message.note, message.verifier_key) == signed


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "line\nbreak"])
def test_a_name_that_breaks_the_notation_is_refused(origin: str) -> None:
    """A log's name has no spaces and no plus signs."""
    with pytest.raises(HeadRefused, match="names no log"):
        HeadSigner(Ed25519PrivateKey.generate(), origin)


def test_the_signing_key_is_made_once(tmp_path: Path) -> None:
    """The first use makes a key that only its owner can read; later ones sign with the same."""
    path = tmp_path / "ledger" / "log-key.pem"
    first, second = (HeadSigner(load_signing_key(path), "a") for _ in range(2))
    assert first.verifier_key == second.verifier_key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_lost_signing_key_is_not_replaced_in_silence(tmp_path: Path) -> None:
    """Where a key has to be there, a missing one is an error, as is a file that is no Ed25519 key."""
    path = tmp_path / "log-key.pem"
    with pytest.raises(SettingsError, match="not there"):
        load_signing_key(path, make=False)
    path.write_bytes(b"no key")
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="no PEM file"):
        load_signing_key(path)
