"""RFC 6962's hashing, against Certificate Transparency's vectors and against the RFC's own recursion."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.transparency.merkle import (
    EMPTY_ROOT,
    ProofRefused,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
)
from tests.unit.ledger.transparency.logs import filled_log, recursive_root

# The leaves and roots of certificate-transparency's own tests of its Merkle tree.
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# (index, size) -> path, from the same tests.
PATHS = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}


def test_the_empty_tree_hashes_to_the_hash_of_nothing() -> None:
    """The root of no leaves is SHA-256 of the empty string."""
    assert hashlib.sha256().hexdigest() == EMPTY_ROOT.hex()
    assert filled_log([]).root(0) == EMPTY_ROOT


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_certificate_transparencys(size: int) -> None:
    """The roots over CT's leaves are CT's, and a larger log still gives them."""
    assert filled_log(LEAVES[:size]).root(size).hex() == ROOTS[size - 1]
    assert filled_log(LEAVES).root(size).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("place", "path"), PATHS.items())
def test_inclusion_paths_are_certificate_transparencys(place: tuple[int, int], path: list[str]) -> None:
    """The inclusion proofs over CT's leaves are CT's, hash by hash."""
    assert [node.hex() for node in filled_log(LEAVES).inclusion_proof(*place)] == path


@given(leaves=st.lists(st.binary(max_size=40), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_roots_follow_the_rfcs_recursion(leaves: list[bytes]) -> None:
    """Whatever the leaves, the root is the RFC's recursive definition of it."""
    assert filled_log(leaves).root(len(leaves)) == recursive_root(leaves)


def test_a_leaf_is_no_node() -> None:
    """The content of an inner node, taken as a leaf, has another hash: no second tree under one root."""
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.parametrize("index", [-1, 8])
def test_a_place_outside_the_tree_is_refused(index: int) -> None:
    """A proof for a place that the tree does not have is refused, however it looks."""
    with pytest.raises(ProofRefused, match="not in a tree"):
        check_inclusion(leaf_hash(b""), index, 8, [], b"\0" * 32)


def test_a_path_of_another_length_is_refused() -> None:
    """A path with a hash too many or too few is refused by its length."""
    log = filled_log(LEAVES)
    path = log.inclusion_proof(3, 8)
    for wrong in (path[:-1], [*path, b"\0" * 32]):
        with pytest.raises(ProofRefused, match=r"shorter|longer"):
            check_inclusion(leaf_hash(LEAVES[3]), 3, 8, wrong, log.root(8))


def test_consistency_with_the_empty_and_the_same_tree_needs_no_path() -> None:
    """Every tree begins with the empty one and with itself; a path there is refused, as is another root."""
    root = filled_log(LEAVES).root(8)
    check_consistency(0, 8, [], EMPTY_ROOT, root)
    check_consistency(8, 8, [], root, root)
    for first, second, path, old, new in (
        (0, 8, [root], EMPTY_ROOT, root),
        (0, 8, [], root, root),
        (8, 8, [], root, EMPTY_ROOT),
        (9, 8, [], root, root),
        (4, 8, [], root, root),
    ):
        with pytest.raises(ProofRefused):
            check_consistency(first, second, path, old, new)
