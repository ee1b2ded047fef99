"""Signed tree heads: a log's size and root with the operator's Ed25519 signature, as a signed note.

The text is C2SP's tlog-checkpoint (origin, size, root, one more line with the time), so that witnesses and tools for
transparency logs read it as it is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from credit.errors import PermanentError
from credit.wire.tree_head import TreeHeadMessage

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ED25519 = b"\x01"  # the algorithm's byte in a verifier key of a signed note
_KEY_HASH_BYTES = 4
_DAY_MS = 24 * 3600 * 1000


class HeadRefused(PermanentError):
    """A tree head is malformed or was signed with another key: ask for the log's key again, out of band."""


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What is signed: the log's name, how many leaves it has, their root (32 bytes), and when that was said."""

    origin: str
    size: int
    root: bytes
    at_ms: int

    def text(self) -> str:
        """Return the lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\nat_ms {self.at_ms}\n"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A tree head, its note (text, empty line, signature) and the key that checks it."""

    head: TreeHead
    note: str
    verifier_key: str

    def message(self) -> TreeHeadMessage:
        """Return it as it is published."""
        head = self.head
        root = base64.b64encode(head.root).decode()
        return TreeHeadMessage(
            origin=head.origin,
            size=head.size,
            root=root,
            at_ms=head.at_ms,
            note=self.note,
            verifier_key=self.verifier_key,
        )

    def record_key(self) -> bytes:
        """Return the key of its record on the compacted topic: compaction keeps the last head of each day for ever."""
        day = datetime.fromtimestamp(self.head.at_ms // _DAY_MS * _DAY_MS // 1000, UTC).date()
        return f"{self.head.origin}/{day.isoformat()}".encode()


class HeadSigner:
    """Signs heads with the log's own key."""

    def __init__(self, key: Ed25519PrivateKey, origin: str) -> None:
        if not origin or any(c.isspace() or c == "+" for c in origin):
            raise HeadRefused(f"{origin!r} names no log: no spaces and no plus signs")
        self._key, self._origin = key, origin
        self._public = key.public_key().public_bytes_raw()

    @property
    def verifier_key(self) -> str:
        """The public key with the log's name, as a signed note writes it: name+hash+key."""
        key_hash = _key_hash(self._origin, self._public)
        return f"{self._origin}+{key_hash.hex()}+{base64.b64encode(_ED25519 + self._public).decode()}"

    def sign(self, size: int, root: bytes, at_ms: int) -> SignedHead:
        """Return the head of a tree; size: leaves; root: 32 bytes; at_ms: now, milliseconds since the epoch."""
        head = TreeHead(self._origin, size, root, at_ms)
        text = head.text()
        signature = _key_hash(self._origin, self._public) + self._key.sign(text.encode())
        note = f"{text}\n— {self._origin} {base64.b64encode(signature).decode()}\n"
        return SignedHead(head, note, self.verifier_key)


def read_head(note: str, verifier_key: str) -> SignedHead:
    """Return the head in a note that this key signed; raises HeadRefused for any other."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        origin, key_hash, key = verifier_key.split("+", 2)
        algorithm_and_key = base64.b64decode(key, validate=True)
        public = algorithm_and_key[1:]
        if algorithm_and_key[:1] != _ED25519 or _key_hash(origin, public).hex() != key_hash:
            raise HeadRefused("the verifier key is not one of an Ed25519 signed note")
        text, _, signatures = note.partition("\n\n")
        text += "\n"
        named, size, root, at_ms = _lines(text)
        signed = base64.b64decode(_signature_by(origin, signatures), validate=True)
        if named != origin or signed[:_KEY_HASH_BYTES].hex() != key_hash:
            raise HeadRefused(f"the tree head is not one of {origin}")
        Ed25519PublicKey.from_public_bytes(public).verify(signed[_KEY_HASH_BYTES:], text.encode())
        return SignedHead(TreeHead(origin, size, root, at_ms), note, verifier_key)
    except (ValueError, binascii.Error, InvalidSignature) as error:
        raise HeadRefused(f"the tree head was altered or signed with another key ({error or 'signature'})") from None


def _lines(text: str) -> tuple[str, int, bytes, int]:
    origin, size, root, time_line, *_ = text.splitlines()
    word, at_ms = time_line.split(" ")
    decoded = base64.b64decode(root, validate=True)
    if word != "at_ms" or str(int(size)) != size or len(decoded) != 32:
        raise ValueError("malformed lines")
    return origin, int(size), decoded, int(at_ms)


def _signature_by(origin: str, signatures: str) -> str:
    for line in signatures.splitlines():
        dash, name, value = line.split(" ")
        if dash == "—" and name == origin:
            return value
    raise ValueError(f"no signature of {origin}")


def _key_hash(origin: str, public: bytes) -> bytes:
    return hashlib.sha256(origin.encode() + b"\n" + _ED25519 + public).digest()[:_KEY_HASH_BYTES]
