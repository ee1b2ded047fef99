"""Any filtered list as CSV, JSON lines or Parquet, a page at a time: memory stays that of one page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final, Literal

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine, select

from ledger.door.words import decision_line
from ledger.query.search import DecisionFilter, everything
from ledger.store import tables
from ledger.store.engine import reading

ExportFormat = Literal["csv", "jsonl", "parquet"]
MEDIA_TYPES: Final[dict[ExportFormat, str]] = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}
_ROWS = 5_000
_SCHEMA = pa.schema(
    [
        ("decision_id", pa.string()),
        ("decided_at", pa.timestamp("ms", tz="UTC")),
        ("submitted_at", pa.timestamp("ms", tz="UTC")),
        ("outcome", pa.string()),
        ("probability_of_default", pa.float64()),
        ("score_points", pa.int32()),
        ("mode", pa.string()),
        ("door", pa.string()),
        ("model_version", pa.string()),
        ("reasons", pa.list_(pa.string())),
    ]
)


def export(engine: Engine, wanted: DecisionFilter, kind: ExportFormat) -> Iterator[bytes]:
    """Yield all decisions under a filter in a format, newest first, as the database was when it began."""
    lines = _pages(engine, wanted)
    if kind == "jsonl":
        return (b"".join(orjson.dumps(line) + b"\n" for line in page) for page in lines)
    return _as_csv(lines) if kind == "csv" else _as_parquet(lines)


def _pages(engine: Engine, wanted: DecisionFilter) -> Iterator[list[dict[str, Any]]]:
    with reading(engine) as connection:
        m = tables.models.c
        versions = {row.model_id: row.version for row in connection.execute(select(m.model_id, m.version))}
        for rows in everything(connection, wanted, _ROWS):
            yield [decision_line(row, versions) for row in rows]


def _as_csv(pages: Iterator[list[dict[str, Any]]]) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.DictWriter(text, _SCHEMA.names)
    writer.writeheader()
    for page in pages:
        for line in page:
            writer.writerow(line | {"reasons": " ".join(line["reasons"])})
        yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    value = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return value


class _Pipe(io.RawIOBase):
    """What Parquet's writer writes into, emptied after each page."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _as_parquet(pages: Iterator[list[dict[str, Any]]]) -> Iterator[bytes]:
    pipe = _Pipe()
    with pq.ParquetWriter(pipe, _SCHEMA, compression="zstd") as writer:
        for page in pages:
            writer.write_table(pa.Table.from_pylist(page, _SCHEMA))
            yield pipe.take()
    yield pipe.take()
