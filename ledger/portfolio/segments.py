"""Numbered rows as Parquet files, each named by the numbers it begins and ends at: small ones grow together.

A file appears whole, by being renamed. Two neighbours are put together while the older has less than twice the rows of
the newer, so that n rows lie in about log n files and each row is written again about log n times. All of it can be
made again from the database: a file that cannot be read is thrown away with those after it.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

_NAME: Final = re.compile(r"(\d{15})-(\d{15})\.parquet")
_ROW_GROUP: Final = 131_072


@dataclass(frozen=True, slots=True)
class Segment:
    """A file with the rows numbered from `first` up to `end`, and when the youngest of them was decided."""

    path: Path
    first: int
    end: int
    rows: int
    newest_ms: int


class SegmentFolder:
    """The segments of one kind of rows; one thread writes, others read what they hold a lease of.

    schema: of the files, with the column `decided_ms`; most_rows: of a file, beyond which it is left as it is.
    """

    def __init__(self, folder: Path, schema: pa.Schema, most_rows: int = 1_000_000) -> None:
        self._folder, self._schema, self._most = folder, schema, most_rows
        self._lock = threading.Lock()
        self._segments: tuple[Segment, ...] = ()
        self._retired: list[Path] = []
        self._readers = 0

    @property
    def end(self) -> int:
        """The number after the last row, 0 where there is none."""
        return self._segments[-1].end if self._segments else 0

    @property
    def segments(self) -> tuple[Segment, ...]:
        return self._segments

    def open(self) -> None:
        """Take up what the folder holds; what a broken run left half done is removed. Only for who writes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for part in self._folder.glob("*.part"):
            part.unlink()
        found, useless = self._found()
        for path in useless:
            path.unlink(missing_ok=True)
        self._segments = tuple(found)

    def look(self) -> None:
        """Take up what the folder holds now, where another process writes it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._segments = tuple(self._found()[0])

    def last(self) -> dict[str, Any]:
        """Return the last row; needs at least one segment."""
        newest = self._segments[-1]
        found: dict[str, Any] = pq.read_table(newest.path).slice(newest.rows - 1).to_pylist()[0]
        return found

    def append(self, rows: pa.Table, first: int, end: int) -> None:
        """Add rows numbered from `first` up to `end`."""
        made = [*self._segments, self._write(rows.cast(self._schema), first, end)]
        replaced: list[Path] = []
        while len(made) > 1 and self._grow_together(made[-2], made[-1]):
            older, newer = made[-2:]
            joined = pa.concat_tables([pq.read_table(segment.path) for segment in (older, newer)])
            made[-2:] = [self._write(joined, older.first, newer.end)]
            replaced += [older.path, newer.path]
        self._take(made, replaced)

    def drop(self, gone: Sequence[Segment]) -> None:
        """Remove segments."""
        self._take([segment for segment in self._segments if segment not in gone], [segment.path for segment in gone])

    @contextlib.contextmanager
    def lease(self) -> Iterator[list[str]]:
        """Give the files as they are now; none of them is removed before the lease ends."""
        with self._lock:
            self._readers += 1
            paths = [str(segment.path) for segment in self._segments]
        try:
            yield paths
        finally:
            with self._lock:
                self._readers -= 1
                self._remove_retired()

    def _grow_together(self, older: Segment, newer: Segment) -> bool:
        return older.rows < 2 * newer.rows and older.rows + newer.rows <= self._most

    def _write(self, rows: pa.Table, first: int, end: int) -> Segment:
        path = self._folder / f"{first:015d}-{end:015d}.parquet"
        part = path.with_suffix(".part")
        pq.write_table(rows, part, compression="zstd", row_group_size=_ROW_GROUP)
        part.replace(path)
        return _segment(path, first, end)

    def _take(self, segments: Sequence[Segment], gone: Sequence[Path]) -> None:
        kept = {segment.path for segment in segments}
        with self._lock:
            self._segments = tuple(segments)
            self._retired += [path for path in gone if path not in kept]
            self._remove_retired()

    def _remove_retired(self) -> None:
        if self._readers == 0:
            for path in self._retired:
                path.unlink(missing_ok=True)
            self._retired = []

    def _found(self) -> tuple[list[Segment], list[Path]]:
        """Return the segments of the folder, and files that say nothing more than those."""
        named = [(int(m[1]), int(m[2]), path) for path in self._folder.iterdir() if (m := _NAME.fullmatch(path.name))]
        found: list[Segment] = []
        useless: list[Path] = []
        broken = False
        for first, end, path in sorted(named, key=lambda one: (one[0], -one[1])):
            if broken or (found and end <= found[-1].end):
                useless.append(path)
                continue
            try:
                found.append(_segment(path, first, end))
            except (pa.ArrowException, OSError):
                broken = True
                useless.append(path)
        return found, useless


def _segment(path: Path, first: int, end: int) -> Segment:
    said = pq.read_metadata(path)
    place = said.schema.names.index("decided_ms")
    newest: list[Any] = [said.row_group(n).column(place).statistics.max for n in range(said.num_row_groups)]
    return Segment(path, first, end, said.num_rows, max(newest, default=0))
