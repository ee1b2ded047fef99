"""The log over tiles: any sequence of appends gives roots and proofs that hold, and none that lies."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.transparency.log import IDS_LEVEL, TILE_WIDTH, MerkleLog, TileKey
from ledger.transparency.merkle import ProofRefused, check_consistency, check_inclusion, leaf_hash
from tests.unit.ledger.transparency.logs import NO_CONTENT, MemoryTiles, an_id, filled_log, recursive_root

# Around full tiles and beyond them, where the levels change.
SIZES = st.one_of(st.integers(0, 40), st.integers(250, 262), st.integers(508, 520))


def appended(sizes: list[int]) -> tuple[MerkleLog, MemoryTiles, list[bytes]]:
    tiles = MemoryTiles()
    log = MerkleLog(tiles)
    leaves: list[bytes] = []
    for count in sizes:
        new = [str(len(leaves) + i).encode() for i in range(count)]
        ids = [an_id(len(leaves) + i) for i in range(count)]
        assert log.append([leaf_hash(leaf) for leaf in new], ids, [NO_CONTENT] * count) == len(leaves)
        leaves += new
    return log, tiles, leaves


@given(sizes=st.lists(SIZES, min_size=1, max_size=6), data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_sequence_of_appends_is_one_tree(sizes: list[int], data: st.DataObject) -> None:
    """However leaves are grouped, the tree is the RFC's over all of them, at its end and at any earlier size."""
    log, _, leaves = appended(sizes)
    assert log.size() == len(leaves)
    size = data.draw(st.integers(0, len(leaves)))
    assert log.root(size) == recursive_root(leaves[:size])
    assert log.decision_ids(0, len(leaves)) == [an_id(i) for i in range(len(leaves))]
    assert log.leaf_hashes(0, len(leaves)) == b"".join(leaf_hash(leaf) for leaf in leaves)


@given(sizes=st.lists(SIZES, min_size=1, max_size=5), data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_inclusion_proof_holds_and_any_flipped_bit_fails(sizes: list[int], data: st.DataObject) -> None:
    """Each leaf is proved in each tree that has it; a proof, leaf or root with one bit flipped is refused."""
    log, _, leaves = appended([*sizes, 1])
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    leaf, root, path = leaf_hash(leaves[index]), log.root(size), log.inclusion_proof(index, size)
    check_inclusion(leaf, index, size, path, root)
    parts = [leaf, root, *path]
    which, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[which] = flipped(parts[which], bit)
    with pytest.raises(ProofRefused):
        check_inclusion(parts[0], index, size, parts[2:], parts[1])


@given(sizes=st.lists(SIZES, min_size=1, max_size=5), data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_consistency_proof_holds_and_any_flipped_bit_fails(sizes: list[int], data: st.DataObject) -> None:
    """Each tree is proved to begin each later one; a proof or a root with one bit flipped is refused."""
    log, _, leaves = appended([*sizes, 2])
    second = data.draw(st.integers(2, len(leaves)))
    first = data.draw(st.integers(1, second - 1))
    path = log.consistency_proof(first, second)
    check_consistency(first, second, path, log.root(first), log.root(second))
    parts = [log.root(first), log.root(second), *path]
    which, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[which] = flipped(parts[which], bit)
    with pytest.raises(ProofRefused):
        check_consistency(first, second, parts[2:], parts[0], parts[1])


def flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_a_micro_batch_touches_few_tiles_and_no_full_one() -> None:
    """Appending 500 to 100,000 writes no more than the new tiles and the open ones, and never a tile that was full."""
    log, tiles, _ = appended([100_000])
    before = dict(tiles.tiles)
    tiles.reads = tiles.writes = 0
    log.append([leaf_hash(b"x")] * 500, [an_id(0)] * 500, [NO_CONTENT] * 500)
    assert tiles.reads <= 6
    assert tiles.writes <= 15
    full = {key: tile for key, tile in before.items() if key.level >= 0 and len(tile) == TILE_WIDTH * 32}
    assert full
    assert all(tiles.tiles[key] == tile for key, tile in full.items())


def test_a_proof_reads_few_tiles() -> None:
    """An inclusion proof in 100,000 leaves reads a handful of tiles."""
    log, tiles, _ = appended([100_000])
    tiles.reads = 0
    log.inclusion_proof(54_321, 100_000)
    assert tiles.reads <= 6


def test_a_missing_tile_is_named() -> None:
    """Proofs that need a lost tile say which, rather than proving something else."""
    log, tiles, _ = appended([600])
    del tiles.tiles[TileKey(0, 1)]
    with pytest.raises(ProofRefused, match="tile 0/1"):
        log.inclusion_proof(300, 600)
    tiles.tiles[TileKey(0, 2)] = tiles.tiles[TileKey(0, 2)][:32]
    with pytest.raises(ProofRefused, match="tile 0/2"):
        log.append([leaf_hash(b"x")], [an_id(0)], [NO_CONTENT])


def test_ids_and_leaves_belong_together() -> None:
    """A leaf without an id, or a hash of another length, is refused before anything is written."""
    tiles = MemoryTiles()
    log = MerkleLog(tiles)
    with pytest.raises(ValueError, match="one hash"):
        log.append([leaf_hash(b"a")], [], [NO_CONTENT])
    with pytest.raises(ValueError, match="one hash"):
        log.append([b"short"], [an_id(0)], [b"short"])
    assert tiles.tiles == {}


def test_a_lost_id_tile_keeps_the_others_in_place() -> None:
    """Ids behind a missing tile are still those of their leaves."""
    tiles = MemoryTiles()
    log = filled_log([b"%d" % i for i in range(600)], tiles)
    del tiles.tiles[TileKey(IDS_LEVEL, 0)]
    assert log.decision_ids(255, 258) == [an_id(0), an_id(256), an_id(257)]


def test_a_leaf_is_found_by_its_id() -> None:
    """In any tile, and not where the end of one id and the beginning of the next look like it; others are not there."""
    log, _, leaves = appended([300, 400])
    assert [log.place_of(an_id(at)) for at in (0, 299, 300, len(leaves) - 1)] == [0, 299, 300, 699]
    assert log.place_of(an_id(len(leaves))) is None
    halves = [b"a" * 8 + b"b" * 8, b"c" * 8 + b"d" * 8, b"b" * 8 + b"c" * 8]
    ids = [str(UUID(bytes=each)) for each in halves]
    log.append([leaf_hash(b"x")] * 3, ids, [NO_CONTENT] * 3)
    assert [log.place_of(each) for each in ids] == [700, 701, 702]
