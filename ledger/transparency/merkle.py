"""RFC 6962's hashing of a Merkle log, and the two proofs as anybody can check them: functions without any storage.

Written here, as the one kept library of it (pymerkle) is under the GPL; the tests hold it against the vectors of
Certificate Transparency. Section numbers are those of RFC 9162, which keeps RFC 6962's trees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from credit.errors import PermanentError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


class ProofRefused(PermanentError):
    """A proof does not lead to the root it was given for: what it is about was altered, or is not in that log."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf's content: the first byte tells leaves from inner nodes (2.1.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node with these children (2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def complete_root(hashes: bytes) -> bytes:
    """Return the root over 2^k hashes of 32 bytes, laid end to end."""
    while len(hashes) > HASH_BYTES:
        # One join a level; node_hash inlined, as this runs once for each decision.
        hashes = b"".join(
            hashlib.sha256(b"\x01" + hashes[at : at + 2 * HASH_BYTES]).digest()
            for at in range(0, len(hashes), 2 * HASH_BYTES)
        )
    return hashes


def inclusion_root(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to from a leaf's hash (2.1.3.2).

    leaf: 32 bytes; index: the leaf's place from 0; size: of the tree. Raises ProofRefused where the path has another
    length than that place needs.
    """
    if not 0 <= index < size:
        raise ProofRefused(f"place {index} is not in a tree of {size}")
    root, node, last = leaf, index, size - 1
    for sibling in path:
        if last == 0:
            raise ProofRefused("the inclusion proof is longer than its place needs")
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofRefused("the inclusion proof is shorter than its place needs")
    return root


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Raise ProofRefused unless a leaf's hash stands at `index` of the tree of `size` leaves with this root."""
    if inclusion_root(leaf, index, size, path) != root:
        raise ProofRefused(f"the inclusion proof of place {index} does not lead to the root of {size} leaves")


def check_consistency(first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes) -> None:
    """Raise ProofRefused unless the tree of `second` leaves begins with the one of `first` (2.1.4.2)."""
    if not 0 <= first <= second:
        raise ProofRefused(f"a tree of {second} leaves cannot begin with one of {first}")
    if first in (0, second):
        expected = first_root if first == second else EMPTY_ROOT
        if path or first_root != expected or (first == second and first_root != second_root):
            raise ProofRefused(f"the trees of {first} and {second} leaves do not agree")
        return
    hashes = list(path) if first & (first - 1) else [first_root, *path]
    if not hashes:
        raise ProofRefused("the consistency proof is empty")
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise ProofRefused("the consistency proof is longer than its sizes need")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last or old != first_root or new != second_root:
        raise ProofRefused(f"the tree of {second} leaves does not begin with that of {first}: its past was rewritten")
