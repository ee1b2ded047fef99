"""The application tables, read into arrays and their labels checked."""

# ruff: noqa: S608 - statements are put together from this package's own column names and quoted paths
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from credit.application import FloatArray, IntArray, encode_column
from credit.errors import TableError
from credit.schema import APPLICATION_COLUMNS, CLIENT_ID, TARGET, Column
from training.data.connection import reading
from training.data.tables import Tables, describe, source_of

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class EncodedApplications:
    """Encoded applications: client_ids int64[n]; values float64[n, 120]; target float64[n] of 0 and 1, or None."""

    client_ids: IntArray
    values: FloatArray
    target: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.client_ids)


def read_applications(
    connection: duckdb.DuckDBPyConnection, tables: Tables, table: str, *, labelled: bool
) -> EncodedApplications:
    """Read and encode an application table, ordered by client id; `labelled` demands a TARGET of 0 and 1.

    Raises TableError for no rows, missing or duplicated ids, missing or other labels, or no positive label.
    """
    file = tables.files[table]
    with reading(file):
        rows: Any = connection.sql(f"SELECT * FROM {table} ORDER BY {CLIENT_ID}").to_arrow_table()
    if rows.num_rows == 0:
        raise TableError(f"{file.name} has no rows: give a table with applications")
    ids = rows.column(CLIENT_ID)
    if ids.null_count:
        raise TableError(f"{file.name}: {ids.null_count} rows have no {CLIENT_ID}: every application needs one")
    client_ids = ids.to_numpy().astype(np.int64)
    repeated = client_ids[1:][client_ids[1:] == client_ids[:-1]]
    if len(repeated):
        raise TableError(f"{file.name}: {CLIENT_ID} {repeated[0]} occurs more than once: keep one row for each client")
    values = encode_table(rows)
    target = _labels(rows.column(TARGET).to_numpy(zero_copy_only=False), file) if labelled else None
    return EncodedApplications(client_ids, values, target)


def encode_table(rows: Any) -> FloatArray:
    """Encode an Arrow table or record batch with the application columns as float64[n, columns], as messages are."""
    import pyarrow as pa

    values = np.empty((rows.num_rows, len(APPLICATION_COLUMNS)), dtype=np.float64)
    for i, column in enumerate(APPLICATION_COLUMNS):
        cells = rows.column(column.name)
        if column.is_category:
            values[:, i] = _codes(column, cells)
        else:
            values[:, i] = cells.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    values[~np.isfinite(values)] = np.nan
    return values


def _codes(column: Column, cells: Any) -> FloatArray:
    # Each distinct text is looked up once: cell by cell it took a tenth of all the time that a file needs.
    import pyarrow as pa

    whole = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    texts = whole.dictionary_encode()
    code_of = encode_column(column, [*texts.dictionary.to_pylist(), None])
    places = texts.indices.fill_null(len(code_of) - 1).to_numpy(zero_copy_only=False)
    codes: FloatArray = np.take(code_of, places)
    return codes


def read_labels(connection: duckdb.DuckDBPyConnection, file: Path) -> FloatArray | None:
    """Return the TARGET of an application file, float64[n] ordered by client id; None where it is not labelled."""
    if TARGET not in describe(connection, file):
        return None
    with reading(file):
        labels = connection.sql(
            f"SELECT TRY_CAST({TARGET} AS DOUBLE) AS {TARGET} FROM {source_of(file)} ORDER BY {CLIENT_ID}::BIGINT"
        ).to_arrow_table()
    target = np.asarray(labels.column(TARGET).to_numpy(zero_copy_only=False), dtype=np.float64)
    return target if bool(np.isin(target, (0.0, 1.0)).all()) else None


def read_columns(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], columns: Sequence[str]) -> Any:
    """Return these columns of the tables' views, one below the other and ordered by client id, as an Arrow table.

    Raises TableError where a cell cannot be read.
    """
    picked = " UNION ALL ".join(f"SELECT {', '.join(columns)} FROM {table}" for table in tables)
    with reading(Path(" and ".join(tables))):
        return connection.sql(f"SELECT * FROM ({picked}) ORDER BY {CLIENT_ID}").to_arrow_table()


def _labels(target: FloatArray, file: Path) -> FloatArray:
    target = target.astype(np.float64)
    if np.isnan(target).any():
        raise TableError(f"{file.name}: {int(np.isnan(target).sum())} rows have no {TARGET}: label or remove them")
    if not np.isin(target, (0.0, 1.0)).all():
        raise TableError(f"{file.name}: {TARGET} must be 0 or 1, found {target[~np.isin(target, (0.0, 1.0))][0]:g}")
    if not target.any():
        raise TableError(f"{file.name}: no {TARGET} is 1: without defaults there is nothing to learn")
    if target.all():
        raise TableError(f"{file.name}: every {TARGET} is 1: without repaid loans there is nothing to learn")
    return target
