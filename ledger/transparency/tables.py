"""The log in the ledger's database: the tiles of one transaction, and the heads that were signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from ledger.store.tables import log_heads, log_state, log_tiles
from ledger.transparency.heads import SignedHead, read_head
from ledger.transparency.log import TileKey

_THE_LOG = 1


@dataclass(frozen=True, slots=True)
class SqlTiles:
    """A `ledger.transparency.log.TileStore` within one transaction of the ledger's database.

    Takes no lock: whoever appends holds the ledger's lock of writers (`ledger.store.engine.writing`).
    """

    connection: Connection

    def size(self) -> int:
        statement = select(log_state.c.size).where(log_state.c.log_id == _THE_LOG)
        return self.connection.execute(statement).scalar_one_or_none() or 0

    def read(self, keys: Sequence[TileKey]) -> Mapping[TileKey, bytes]:
        if not keys:
            return {}
        at = tuple_(log_tiles.c.level, log_tiles.c.number)
        statement = select(log_tiles).where(at.in_([tuple(key) for key in keys]))
        return {TileKey(row.level, row.number): row.entries for row in self.connection.execute(statement)}

    def write(self, tiles: Mapping[TileKey, bytes], size: int) -> None:
        if not tiles:
            return
        make = sqlite.insert if self.connection.dialect.name == "sqlite" else postgresql.insert
        new = make(log_tiles)
        upsert = new.on_conflict_do_update(index_elements=["level", "number"], set_={"entries": new.excluded.entries})
        rows = [{"level": key.level, "number": key.number, "entries": tile} for key, tile in tiles.items()]
        self.connection.execute(upsert, rows)
        sized = make(log_state)
        self.connection.execute(
            sized.on_conflict_do_update(index_elements=["log_id"], set_={"size": sized.excluded.size}),
            {"log_id": _THE_LOG, "size": size},
        )


def save_head(connection: Connection, signed: SignedHead) -> None:
    """Keep a signed head; of two of one size the first stays, since they say the same."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {"size": signed.head.size, "at_ms": signed.head.at_ms, "note": signed.note}
    connection.execute(make(log_heads).on_conflict_do_nothing(), row)


def newest_head(connection: Connection, verifier_key: str) -> SignedHead | None:
    """Return the head of the largest size, None where none was signed; raises HeadRefused where it was altered."""
    statement = select(log_heads.c.note).order_by(log_heads.c.size.desc()).limit(1)
    note = connection.execute(statement).scalar_one_or_none()
    return read_head(note, verifier_key) if note is not None else None


def all_heads(connection: Connection, verifier_key: str) -> list[SignedHead]:
    """Return every head that was signed, by size; raises HeadRefused where one was altered."""
    notes = connection.execute(select(log_heads.c.note).order_by(log_heads.c.size)).scalars()
    return [read_head(note, verifier_key) for note in notes]
