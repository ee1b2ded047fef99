"""Which rows of which files make which part, and the digest of all that decides the answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from credit.application import IntArray
from credit.errors import TableError
from credit.schema import CLIENT_ID
from training.data.connection import spilling
from training.data.schemas import APPLICATION_TEST, HISTORY_TABLES
from training.data.tables import Tables, create_views, find_tables
from training.settings import TrainingSettings

# So many rows are a few seconds of one core: what a killed run loses, and small enough to hold many at once.
PART_ROWS = 65_536
# A change of how parts are made or written: parts of before are then made anew.
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class FilePart:
    """Consecutive row groups of one Parquet file; `number` counts from 0 in the order of the input."""

    number: int
    file: str
    row_groups: tuple[int, ...]
    rows: int

    @property
    def name(self) -> str:
        """Name of the file that holds this part's answers; in alphabetical order they are in the input's."""
        return f"part-{self.number:06d}.parquet"


@dataclass(frozen=True, slots=True)
class ScoringPlan:
    """All parts of an input, the folder that it lies in, and the history tables in it, no others.

    digest: of the input, its history, the model and what is written; the same digest gives the same bytes.
    """

    folder: Path
    parts: tuple[FilePart, ...]
    tables: Tables
    digest: str
    reasons: bool

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)


def plan_parts(source: Path, decides: str, *, reasons: bool, part_rows: int = PART_ROWS) -> ScoringPlan:
    """Plan a Parquet file, or all Parquet files of a folder but its history tables, in the order of their names.

    decides: digest of model and policy. A part holds at most `part_rows` rows, or one row group where that is larger.
    Raises TableError for a file that cannot be read or lacks a column, and where there is no application.
    """
    import pyarrow.parquet as pq

    folder = source if source.is_dir() else source.parent
    files = _files_of(source)
    parts: list[FilePart] = []
    for file in files:
        _checked(file)
        footer = pq.read_metadata(file)
        for row_groups, rows in _grouped(
            [footer.row_group(i).num_rows for i in range(footer.num_row_groups)], part_rows
        ):
            parts.append(FilePart(len(parts), file.name, row_groups, rows))
    if not parts:
        raise TableError(f"{source} has no rows: give applications as Parquet")
    found = find_tables(folder, need=())
    tables = Tables(folder, {name: found.files[name] for name in HISTORY_TABLES if found.has(name)}, found.missing)
    read = [*files, *tables.files.values()]
    said: list[Any] = [_FORMAT, decides, reasons, part_rows, [[file.name, _fingerprint(file)] for file in read]]
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    return ScoringPlan(folder, tuple(parts), tables, digest, reasons)


def client_ids(plan: ScoringPlan) -> IntArray:
    """Return the ids of all clients, int64[n] ascending: 8 bytes each is all that is held of the whole input.

    Raises TableError where one is missing or occurs twice.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = np.empty(plan.rows, dtype=np.int64)
    at = 0
    for name in dict.fromkeys(part.file for part in plan.parts):
        with pq.ParquetFile(plan.folder / name) as file:
            for batch in file.iter_batches(columns=[CLIENT_ID], use_threads=False):
                ids = batch.column(0)
                if ids.null_count:
                    raise TableError(f"{name}: rows without {CLIENT_ID}: every application needs one")
                found[at : at + len(ids)] = ids.cast(pa.int64()).to_numpy(zero_copy_only=False)
                at += len(ids)
    found.sort()
    repeated = found[1:][found[1:] == found[:-1]]
    if len(repeated):
        raise TableError(
            f"{plan.folder}: {CLIENT_ID} {repeated[0]} occurs more than once: keep one row for each client"
        )
    return found


def _files_of(source: Path) -> list[Path]:
    if not source.is_dir():
        if not source.is_file() or source.suffix != ".parquet":
            raise TableError(f"{source}: give a Parquet file, or a folder of them")
        return [source]
    return sorted(path for path in source.glob("*.parquet") if path.is_file() and path.stem not in HISTORY_TABLES)


def _checked(file: Path) -> None:
    with spilling(TrainingSettings(memory_gb=0.5, threads=1)) as connection:
        create_views(connection, find_tables(file.parent, need=(), application=file), only=(APPLICATION_TEST,))


def _grouped(sizes: list[int], most: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield consecutive row groups of at most `most` rows together, and how many rows they have."""
    groups: list[int] = []
    rows = 0
    for group, size in enumerate(sizes):
        if groups and rows + size > most:
            yield tuple(groups), rows
            groups, rows = [], 0
        if size:
            groups.append(group)
            rows += size
    if groups:
        yield tuple(groups), rows


def _fingerprint(file: Path) -> str:
    """Return a digest of a file's size and end: a Parquet file's end tells of all its columns."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        opened.seek(max(0, size - 65_536))
        return hashlib.sha256(str(size).encode() + opened.read()).hexdigest()
