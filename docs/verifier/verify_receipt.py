"""Checks a Loanstream receipt with nothing of Loanstream's: verify_receipt.py PROOF KEY [OLDER_NOTE CONSISTENCY]

PROOF: what GET /v1/decisions/{id}/proof answered. KEY: the log's verifier key, from where the bank publishes it, not
from the proof. OLDER_NOTE, CONSISTENCY: a head's note kept from before, and what GET /v1/log/consistency answered.
Needs Python 3.9 and `cryptography`. Exit code 1, and the first thing that does not hold, where it is not valid.
"""

import base64
import hashlib
import json
import struct
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha256(data):
    return hashlib.sha256(data).digest()


def require(holds, what):
    if not holds:
        sys.exit(f"NOT VALID: {what}")


def signed_head(note, verifier_key):
    """Return size and root of a signed note whose signature holds."""
    name, key_hash, key = verifier_key.split("+", 2)
    public = base64.b64decode(key)
    require(sha256(name.encode() + b"\n" + public)[:4].hex() == key_hash, "the verifier key is damaged")
    text, _, signature = note.partition("\n\n")
    dash, signer, value = signature.strip().split(" ")
    value = base64.b64decode(value)
    require((dash, signer, value[:4].hex()) == ("—", name, key_hash), "the head is another log's")
    try:
        Ed25519PublicKey.from_public_bytes(public[1:]).verify(value[4:], f"{text}\n".encode())
    except InvalidSignature:
        require(False, "the head's signature is wrong")
    _, size, root, *_ = text.split("\n")
    return int(size), base64.b64decode(root)


def steps(node, last, path):
    """Yield for each hash of a path whether it stands to the left (RFC 9162, 2.1.3.2 and 2.1.4.2)."""
    for sibling in path:
        require(last > 0, "a path is too long")
        left = node & 1 or node == last
        while left and not node & 1 and node:
            node, last = node >> 1, last >> 1
        yield left, base64.b64decode(sibling)
        node, last = node >> 1, last >> 1
    require(last == 0, "a path is too short")


def included(leaf, index, size, path, root):
    found = sha256(b"\x00" + leaf)
    for left, other in steps(index, size - 1, path):
        found = sha256(b"\x01" + (other + found if left else found + other))
    require(found == root, "the receipt is not in the log")


def consistent(old_size, old_root, size, root, path):
    path = path if old_size & (old_size - 1) else [base64.b64encode(old_root), *path]
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = base64.b64decode(path[0])
    for left, other in steps(node, last, path[1:]):
        old = sha256(b"\x01" + other + old) if left else old
        new = sha256(b"\x01" + (other + new if left else new + other))
    require((old, new) == (old_root, root), "the log was rewritten since the older head")


if len(sys.argv) not in (3, 5):
    sys.exit(__doc__)
proof, verifier_key = json.loads(Path(sys.argv[1]).read_text()), sys.argv[2]
size, root = signed_head(proof["head"]["note"], verifier_key)
require(0 <= proof["index"] < size, "the head does not cover the receipt")
included(proof["leaf"].encode(), proof["index"], size, proof["path"], root)
receipt = json.loads(proof["leaf"])
print(f"in the log: {receipt['decision_id']}, {receipt['outcome']}, place {proof['index']} of {size}")
if proof["personal"]:
    content, salt = (base64.b64decode(proof["personal"][name]) for name in ("content", "salt"))
    require(sha256(salt + content).hex() == receipt["content_hash"], "the personal part is another one")
    (width,) = struct.unpack_from("<I", content, 4)
    contributions = struct.unpack_from(f"<{width}f", content, 40 + 8 * width)
    total = float(receipt["expected_value"]) + sum(contributions)  # nan where it was decided without reasons
    require(not abs(total - float(receipt["raw"])) > 1e-3, "the contributions do not add up to the score")
    print(f"personal part: client {struct.unpack_from('<q', content, 8)[0]}, {width} features, adding up to the score")
if len(sys.argv) > 4:
    old_size, old_root = signed_head(Path(sys.argv[3]).read_text(), verifier_key)
    consistent(old_size, old_root, size, root, json.loads(Path(sys.argv[4]).read_text())["path"])
    print(f"the log only grew since it had {old_size} receipts")
