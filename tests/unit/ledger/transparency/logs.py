"""A log in memory, and the RFC's recursion to hold it against."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from ledger.transparency.log import MerkleLog, TileKey
from ledger.transparency.merkle import EMPTY_ROOT, leaf_hash, node_hash


class MemoryTiles:
    """Tiles in a dictionary; counts what is read and written."""

    def __init__(self) -> None:
        self.tiles: dict[TileKey, bytes] = {}
        self.count = 0
        self.reads = 0
        self.writes = 0

    def size(self) -> int:
        return self.count

    def read(self, keys: Sequence[TileKey]) -> Mapping[TileKey, bytes]:
        self.reads += len(keys)
        return {key: self.tiles[key] for key in keys if key in self.tiles}

    def write(self, tiles: Mapping[TileKey, bytes], size: int) -> None:
        self.writes += len(tiles)
        self.tiles |= tiles
        self.count = size


# A hash of a personal part, for logs of nothing in particular.
NO_CONTENT = b"\x07" * 32


def an_id(number: int) -> str:
    return str(uuid.UUID(int=number))


def filled_log(leaves: Sequence[bytes], tiles: MemoryTiles | None = None) -> MerkleLog:
    """Return a log with these contents, appended at once."""
    log = MerkleLog(tiles or MemoryTiles())
    log.append([leaf_hash(leaf) for leaf in leaves], [an_id(i) for i in range(len(leaves))], [NO_CONTENT] * len(leaves))
    return log


def recursive_root(leaves: Sequence[bytes]) -> bytes:
    """The root as RFC 6962 section 2.1 defines it, word by word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(recursive_root(leaves[:k]), recursive_root(leaves[k:]))
