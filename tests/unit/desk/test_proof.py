"""The desk's own check of a proof, on a log made by hand with another implementation of the tree."""

from __future__ import annotations

import base64
import hashlib
import json
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desk.client.decisions import DeskProof, PersonalProofPart, ProofHead
from desk.proof import ShownFigures, check_proof, fingerprint

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = b"\x01" + KEY.public_key().public_bytes_raw()
SHOWN = ShownFigures("d-3", "decline", 0.25)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def verifier(name: str = "log") -> str:
    key_hash = sha(name.encode() + b"\n" + PUBLIC)[:4].hex()
    return f"{name}+{key_hash}+{text(PUBLIC)}"


def root_of(leaves: list[bytes]) -> bytes:
    """The root as RFC 6962 defines it, by recursion."""
    if len(leaves) == 1:
        return sha(b"\x00" + leaves[0])
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\x01" + root_of(leaves[:half]) + root_of(leaves[half:]))


def path_of(leaves: list[bytes], index: int) -> list[bytes]:
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if index < half:
        return [*path_of(leaves[:half], index), root_of(leaves[half:])]
    return [*path_of(leaves[half:], index - half), root_of(leaves[:half])]


def personal() -> tuple[bytes, bytes]:
    content = b"LSC1" + struct.pack("<I", 2) + struct.pack("<q", 100001) + bytes(24)
    content += struct.pack("<2d", 1.0, 2.0) + struct.pack("<2f", 0.5, 0.75)
    return content, bytes(32)


def leaf_text() -> str:
    content, salt = personal()
    return json.dumps(
        {
            "content_hash": sha(salt + content).hex(),
            "decision_id": "d-3",
            "expected_value": "-2.0",
            "outcome": "decline",
            "probability": "0.25",
            "raw": "-0.75",
        }
    )


def proof(size: int = 7, index: int = 3) -> DeskProof:
    leaves = [f"leaf {i}".encode() for i in range(size)]
    leaves[index] = leaf_text().encode()
    body = f"log\n{size}\n{text(root_of(leaves))}\n1700000000000\n"
    signed = bytes.fromhex(verifier().split("+")[1]) + KEY.sign(body.encode())
    head = ProofHead(origin="log", size=size, at_ms=1, note=f"{body}\n— log {text(signed)}\n", verifier_key=verifier())
    content, salt = personal()
    return DeskProof(
        leaf=leaf_text(),
        index=index,
        path=[text(one) for one in path_of(leaves, index)],
        head=head,
        personal=PersonalProofPart(content=text(content), salt=text(salt)),
    )


def held(checked: DeskProof, key: str | None = None, shown: ShownFigures = SHOWN) -> dict[str, bool]:
    return {check.what: check.holds for check in check_proof(checked, key or verifier(), shown)}


@pytest.mark.parametrize(("size", "index"), [(1, 0), (2, 1), (7, 3), (8, 7), (13, 12), (100, 64)])
def test_a_true_proof_holds(size: int, index: int) -> None:
    """Every check of a true proof holds, whatever the shape of the tree."""
    found = held(proof(size, index))
    assert found == dict.fromkeys(("signature", "included", "shown", "personal", "adds_up"), True)


def test_another_path_is_not_in_the_log() -> None:
    """A path of another leaf, or one that is too short, does not lead to the root."""
    true = proof()
    assert not held(true.model_copy(update={"path": true.path[:-1]}))["included"]
    assert not held(true.model_copy(update={"path": true.path[::-1]}))["included"]
    assert not held(true.model_copy(update={"index": 4}))["included"]
    assert not held(true.model_copy(update={"index": 7}))["included"]


def test_another_key_or_note_is_no_signature() -> None:
    """A head of another log, with another key, or altered, is not signed."""
    true = proof()
    assert not held(true, verifier("other"))["signature"]
    assert not held(true, "no key at all")["signature"]
    note = true.head.note.replace("\n7\n", "\n8\n")
    altered = true.model_copy(update={"head": true.head.model_copy(update={"note": note})})
    assert "included" not in held(altered)
    assert not held(altered)["signature"]


def test_what_the_page_shows_is_compared() -> None:
    """A page that shows another outcome or risk than the receipt is found out."""
    assert not held(proof(), shown=ShownFigures("d-3", "approve", 0.25))["shown"]
    assert not held(proof(), shown=ShownFigures("d-3", "decline", 0.24))["shown"]
    assert not held(proof(), shown=ShownFigures("d-4", "decline", 0.25))["shown"]


def test_the_personal_part_is_compared() -> None:
    """Other data of the client are found out; without them nothing is said of them."""
    true = proof()
    assert true.personal is not None
    other = true.personal.model_copy(update={"content": text(b"LSC1" + bytes(60))})
    assert not held(true.model_copy(update={"personal": other}))["personal"]
    assert "personal" not in held(true.model_copy(update={"personal": None}))


def test_a_key_is_named_shortly() -> None:
    """The fingerprint is the name and the hash, which a bank can print."""
    assert fingerprint(verifier()) == "+".join(verifier().split("+")[:2])
