"""An append-only Merkle log kept as tiles: 256 hashes of one level in a row of storage.

A tile is written again until it is full and never after, so a micro-batch writes about one tile for each level, and a
proof reads about one for each. Beside the hashes stand, in tiles of their own, the decisions' ids, so that a removed
row can still be named, and the hashes of their personal parts. The layout is that of C2SP's tlog-tiles, without its
files.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from ledger.transparency.merkle import EMPTY_ROOT, HASH_BYTES, ProofRefused, complete_root, node_hash

TILE_WIDTH = 256
_TILE_BITS = 8
# Hashes of leaves are level 0, of full tiles below them level 1, and so on; below 0 stands what is kept beside leaves:
# the decisions' ids, and the hashes of their personal parts.
IDS_LEVEL = -1
CONTENTS_LEVEL = -2
_ID_BYTES = 16
_IDS_AT_ONCE = 256 * TILE_WIDTH


class TileKey(NamedTuple):
    """Which tile: its level (0 the leaves' hashes) and its number in that level, from 0."""

    level: int
    number: int


class TileStore(Protocol):
    """Where tiles are kept; the ledger's is its database, within the transaction that writes the rows."""

    def size(self) -> int:
        """Return how many leaves the log has; who appends is alone in the store from here to its transaction's end."""
        ...

    def read(self, keys: Sequence[TileKey]) -> Mapping[TileKey, bytes]:
        """Return the tiles that are there."""
        ...

    def write(self, tiles: Mapping[TileKey, bytes], size: int) -> None:
        """Write tiles, in place of older ones, and the log's new size."""
        ...


class MerkleLog:
    """The log over its tiles; makes roots and proofs for any size that the log has had."""

    def __init__(self, tiles: TileStore) -> None:
        self._tiles = tiles

    def append(self, leaves: Sequence[bytes], decision_ids: Sequence[str], contents: Sequence[bytes]) -> int:
        """Append leaves by their hashes and return the first one's index.

        leaves: 32 bytes each, `merkle.leaf_hash` of the content; decision_ids: UUIDs, row by row; contents: the hashes
        of the personal parts, 32 bytes each.
        """
        size = self._tiles.size()
        written: dict[TileKey, bytes] = {}
        ids = bytes.fromhex("".join(decision_ids).replace("-", ""))
        level, new, beside = 0, b"".join(leaves), b"".join(contents)
        if not len(new) == len(beside) == len(leaves) * HASH_BYTES or len(ids) != len(leaves) * _ID_BYTES:
            raise ValueError("each leaf is one hash of 32 bytes, with one id and one hash of its personal part")
        self._extend(written, IDS_LEVEL, size, ids, _ID_BYTES)
        self._extend(written, CONTENTS_LEVEL, size, beside, HASH_BYTES)
        while new:
            full = self._extend(written, level, size >> (_TILE_BITS * level), new, HASH_BYTES)
            new = b"".join(complete_root(tile) for tile in full)
            level += 1
        self._tiles.write(written, size + len(leaves))
        return size

    def _extend(self, written: dict[TileKey, bytes], level: int, count: int, new: bytes, width: int) -> list[bytes]:
        """Add entries after the `count` that a level has; return the tiles that became full."""
        number, filled = divmod(count, TILE_WIDTH)
        begin = b""
        if filled:
            key = TileKey(level, number)
            begin = self._tiles.read([key]).get(key, b"")
            if len(begin) < filled * width:
                raise ProofRefused(f"tile {level}/{number} of the log is not as long as the log's size says")
            begin = begin[: filled * width]
        content = begin + new
        full = []
        for at in range(0, len(content), TILE_WIDTH * width):
            tile = content[at : at + TILE_WIDTH * width]
            written[TileKey(level, number)] = tile
            if len(tile) == TILE_WIDTH * width:
                full.append(tile)
            number += 1
        return full

    def size(self) -> int:
        """Return how many leaves the log has."""
        return self._tiles.size()

    def root(self, size: int) -> bytes:
        """Return the root over the first `size` leaves."""
        return _Reader(self._tiles).root(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Return the path from leaf `index` to the root of `size` leaves (RFC 9162, 2.1.3.1)."""
        if not 0 <= index < size:
            raise ProofRefused(f"place {index} is not in a tree of {size}")
        reader = _Reader(self._tiles)
        path: list[bytes] = []
        begin, end = 0, size
        while end - begin > 1:
            middle = begin + _split(end - begin)
            if index < middle:
                path.append(reader.root(middle, end))
                end = middle
            else:
                path.append(reader.root(begin, middle))
                begin = middle
        return path[::-1]

    def consistency_proof(self, first: int, second: int) -> list[bytes]:
        """Return the proof that the tree of `second` leaves begins with that of `first` (RFC 9162, 2.1.4.1)."""
        if not 0 <= first <= second:
            raise ProofRefused(f"a tree of {second} leaves cannot begin with one of {first}")
        if first in (0, second):
            return []
        reader = _Reader(self._tiles)
        path: list[bytes] = []
        begin, end, known = 0, second, True
        while first != end:
            middle = begin + _split(end - begin)
            if first <= middle:
                path.append(reader.root(middle, end))
                end = middle
            else:
                path.append(reader.root(begin, middle))
                begin, known = middle, False
        if not known:
            path.append(reader.root(begin, end))
        return path[::-1]

    def tile_root(self, number: int) -> bytes:
        """Return the root of a full tile of leaves as the level above it has it; empty where it has none."""
        tile, at = divmod(number, TILE_WIDTH)
        key = TileKey(1, tile)
        return self._tiles.read([key]).get(key, b"")[at * HASH_BYTES : (at + 1) * HASH_BYTES]

    def leaf_hashes(self, begin: int, end: int) -> bytes:
        """Return the leaves' hashes from `begin` up to `end`, that one excluded, laid end to end."""
        return self._entries(0, begin, end, HASH_BYTES)

    def decision_ids(self, begin: int, end: int) -> list[str]:
        """Return the ids of the leaves from `begin` up to `end`, that one excluded."""
        entries = self._entries(IDS_LEVEL, begin, end, _ID_BYTES)
        return [str(uuid.UUID(bytes=entries[at : at + _ID_BYTES])) for at in range(0, len(entries), _ID_BYTES)]

    def place_of(self, decision_id: str) -> int | None:
        """Return the place of the leaf of an id, None where the log has none; looks through the ids of all leaves."""
        wanted, size = uuid.UUID(decision_id).bytes, self.size()
        for begin in range(0, size, _IDS_AT_ONCE):
            ids = self._entries(IDS_LEVEL, begin, min(begin + _IDS_AT_ONCE, size), _ID_BYTES)
            at = ids.find(wanted)
            while at % _ID_BYTES and at >= 0:  # the end of one id and the beginning of the next
                at = ids.find(wanted, at + 1)
            if at >= 0:
                return begin + at // _ID_BYTES
        return None

    def content_hashes(self, begin: int, end: int) -> list[bytes]:
        """Return the hashes of the personal parts from `begin` up to `end`, that one excluded."""
        entries = self._entries(CONTENTS_LEVEL, begin, end, HASH_BYTES)
        return [entries[at : at + HASH_BYTES] for at in range(0, len(entries), HASH_BYTES)]

    def _entries(self, level: int, begin: int, end: int, width: int) -> bytes:
        if end <= begin:
            return b""
        first, last = begin // TILE_WIDTH, (end - 1) // TILE_WIDTH
        keys = [TileKey(level, number) for number in range(first, last + 1)]
        tiles = self._tiles.read(keys)
        # A tile that is missing or short is filled up, so that every other entry keeps its place.
        content = b"".join(tiles.get(key, b"").ljust(TILE_WIDTH * width, b"\0") for key in keys)
        shift = first * TILE_WIDTH
        return content[(begin - shift) * width : (end - shift) * width]


def _split(count: int) -> int:
    """Return the largest power of two below `count` > 1."""
    return 1 << ((count - 1).bit_length() - 1)


class _Reader:
    """Roots of subtrees, with each tile read once."""

    def __init__(self, tiles: TileStore) -> None:
        self._tiles = tiles
        self._read: dict[TileKey, bytes] = {}

    def root(self, begin: int, end: int) -> bytes:
        """Return the root over leaves `begin` to `end`, as the recursion over a whole tree meets them."""
        count = end - begin
        if count & (count - 1) == 0:
            return self._complete(count.bit_length() - 1, begin // count)
        middle = begin + _split(count)
        return node_hash(self.root(begin, middle), self.root(middle, end))

    def _complete(self, height: int, number: int) -> bytes:
        """Return the root of the complete subtree of 2^height leaves with this number."""
        level, rest = divmod(height, _TILE_BITS)
        tile, at = divmod(number << rest, TILE_WIDTH)
        key = TileKey(level, tile)
        if key not in self._read:
            self._read |= self._tiles.read([key])
        hashes = self._read.get(key, b"")[at * HASH_BYTES : (at + (1 << rest)) * HASH_BYTES]
        if len(hashes) != HASH_BYTES << rest:
            raise ProofRefused(f"tile {level}/{tile} of the log is missing or cut short; restore it from a backup")
        return complete_root(hashes)
