"""Checks the proof of a receipt on the desk, by code of the desk's own: nothing here is the ledger's.

The log is a Merkle tree (RFC 6962), its head a signed note (C2SP tlog-checkpoint, Ed25519); docs/receipts.md says what
a receipt commits to. What a stranger can check is checked, and that the page shows what the receipt says.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from desk.client.decisions import DeskProof

_NEAR = 1e-3  # sums of rounded contributions, log-odds


@dataclass(frozen=True, slots=True)
class ProofCheck:
    """One thing that was looked at, and whether it holds; `what` is a key of the page's words."""

    what: str
    holds: bool


@dataclass(frozen=True, slots=True)
class ShownFigures:
    """What the page shows of a decision."""

    decision_id: str
    outcome: str
    probability: float


def check_proof(proof: DeskProof, verifier_key: str, shown: ShownFigures) -> list[ProofCheck]:
    """Return every check that could be made, in order; verifier_key: as a signed note writes it."""
    head = _signed_head(proof.head.note, verifier_key)
    checks = [ProofCheck("signature", head is not None)]
    if head is not None:
        size, root = head
        checks.append(ProofCheck("included", _included(proof, size, root)))
    receipt = _object(proof.leaf)
    same = (
        receipt.get("decision_id") == shown.decision_id
        and receipt.get("outcome") == shown.outcome
        and _figure(receipt.get("probability")) == shown.probability
    )
    checks.append(ProofCheck("shown", same))
    if proof.personal is not None:
        content, salt = _bytes(proof.personal.content), _bytes(proof.personal.salt)
        whole = hashlib.sha256(salt + content).hexdigest() == receipt.get("content_hash")
        checks.append(ProofCheck("personal", whole))
        if whole:
            checks.append(ProofCheck("adds_up", _adds_up(content, receipt)))
    return checks


def fingerprint(verifier_key: str) -> str:
    """Return a key's name and short hash, for comparing with what the bank publishes."""
    name, _, rest = verifier_key.partition("+")
    return f"{name}+{rest.split('+', 1)[0]}"


def _signed_head(note: str, verifier_key: str) -> tuple[int, bytes] | None:
    """Return size and root of a note whose signature holds, else None."""
    try:
        name, key_hash, key = verifier_key.split("+", 2)
        public = base64.b64decode(key, validate=True)
        if hashlib.sha256(name.encode() + b"\n" + public).digest()[:4].hex() != key_hash:
            return None
        text, _, signature = note.partition("\n\n")
        dash, signer, value = signature.strip().split(" ")
        signed = base64.b64decode(value, validate=True)
        if (dash, signer, signed[:4].hex()) != ("—", name, key_hash):
            return None
        Ed25519PublicKey.from_public_bytes(public[1:]).verify(signed[4:], f"{text}\n".encode())
        _, size, root, *_rest = text.split("\n")
        return int(size), base64.b64decode(root, validate=True)
    except (ValueError, InvalidSignature, binascii.Error):
        return None


def _included(proof: DeskProof, size: int, root: bytes) -> bool:
    """Say whether the path leads from the leaf to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= proof.index < size:
        return False
    found = hashlib.sha256(b"\x00" + proof.leaf.encode()).digest()
    try:
        for left, other in _steps(proof.index, size - 1, proof.path):
            found = hashlib.sha256(b"\x01" + (other + found if left else found + other)).digest()
    except ValueError:
        return False
    return found == root


def _steps(node: int, last: int, path: list[str]) -> Iterator[tuple[bool, bytes]]:
    """Yield each hash of a path and whether it stands to the left; raises ValueError where the length is wrong."""
    for sibling in path:
        if last == 0:
            raise ValueError("too long")
        left = bool(node & 1) or node == last
        while left and not node & 1 and node:
            node, last = node >> 1, last >> 1
        yield left, base64.b64decode(sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ValueError("too short")


def _adds_up(content: bytes, receipt: Mapping[str, Any]) -> bool:
    """Say whether base value and contributions give the score; true where it was decided without an explanation."""
    try:
        (width,) = struct.unpack_from("<I", content, 4)
        contributions = struct.unpack_from(f"<{width}f", content, 40 + 8 * width)
    except struct.error:
        return False
    total = _figure(receipt.get("expected_value")) + sum(contributions)
    return not abs(total - _figure(receipt.get("raw"))) > _NEAR


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _figure(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        return float("nan")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError:
        return b""
