"""Home Credit's tables in a folder, as CSV or parquet: found, checked, and read through DuckDB."""

# ruff: noqa: S608 - statements are put together from this package's own column names and quoted paths
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from credit.application import FloatArray, IntArray, encode_column
from credit.errors import TableError
from credit.schema import APPLICATION_COLUMNS, CLIENT_ID, TARGET
from training.data.schemas import APPLICATION_TEST, APPLICATION_TRAIN, HISTORY_TABLES, TABLES, ColumnType

if TYPE_CHECKING:
    import duckdb

_SQL_TYPE: dict[ColumnType, str] = {"id": "BIGINT", "number": "DOUBLE", "text": "VARCHAR"}
_NUMERIC = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "REAL", "BOOLEAN", "NULL")
_ENDINGS = (".parquet", ".csv", ".csv.gz")


@dataclass(frozen=True)
class Applications:
    """Encoded applications: client_ids int64[n]; values float64[n, 120]; target float64[n] of 0 and 1, or None."""

    client_ids: IntArray
    values: FloatArray
    target: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.client_ids)


@dataclass(frozen=True)
class Tables:
    """The tables of a folder that were found, each a file; `missing` names the history tables that read as empty."""

    folder: Path
    files: dict[str, Path]
    missing: tuple[str, ...] = field(default=())

    def has(self, table: str) -> bool:
        return table in self.files


def find_tables(
    folder: Path, *, need: tuple[str, ...] = (APPLICATION_TRAIN,), application: Path | None = None
) -> Tables:
    """Find the tables in `folder`; `application` is a file to read as application_test instead of the folder's.

    Raises TableError where the folder or a table of `need` is not there.
    """
    if not folder.is_dir():
        raise TableError(f"{folder} is not a folder: give the folder that holds the tables as CSV or parquet")
    files: dict[str, Path] = {}
    for table in TABLES:
        for ending in _ENDINGS:
            file = folder / f"{table}{ending}"
            if file.is_file():
                files[table] = file
                break
    if application is not None:
        if not application.is_file():
            raise TableError(f"{application} is not there: give a file of applications as CSV or parquet")
        if not application.name.endswith(_ENDINGS):
            raise TableError(f"{application}: expected a name that ends in one of {', '.join(_ENDINGS)}")
        files[APPLICATION_TEST] = application
    for table in need:
        if table not in files:
            raise TableError(f"{folder} has no {table}.parquet or {table}.csv: put the table there and try again")
    return Tables(folder, files, tuple(table for table in HISTORY_TABLES if table not in files))


def connect(
    *, memory_gb: float = 4.0, threads: int | None = None, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that spills to `spill` beyond `memory_gb`; threads None takes every core."""
    import duckdb

    connection = duckdb.connect(":memory:")
    connection.execute(f"SET memory_limit = '{memory_gb:.2f}GB'")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET enable_progress_bar = false")
    if threads is not None:
        connection.execute(f"SET threads = {threads}")
    if spill is not None:
        connection.execute(f"SET temp_directory = {_quoted(spill)}")
    return connection


def create_views(connection: duckdb.DuckDBPyConnection, tables: Tables, *, only: tuple[str, ...] = ()) -> None:
    """Make a view of every table with the published columns and types; a missing history table is empty.

    only: the application tables to open, all where empty; history tables are always opened.

    Raises TableError for an unreadable file, a missing column or a column of a wrong type.
    """
    for table, columns in TABLES.items():
        if not tables.has(table) or (only and table not in only and table not in HISTORY_TABLES):
            empty = ", ".join(f"NULL::{_SQL_TYPE[kind]} AS {name}" for name, kind in columns.items())
            connection.execute(f"CREATE OR REPLACE VIEW {table} AS SELECT {empty} WHERE false")
            continue
        _create_view(connection, table, tables.files[table])


def _create_view(connection: duckdb.DuckDBPyConnection, table: str, file: Path) -> None:
    columns = TABLES[table]
    found = _describe(connection, file)
    absent = [name for name in columns if name not in found]
    if absent:
        raise TableError(
            f"{file.name} lacks the column{'s'[: len(absent) > 1]} {', '.join(absent[:5])}: add it and try again"
        )
    if not file.name.endswith(".parquet"):
        # The expected types are handed to the CSV reader, so a wrong cell is found while reading, with its line.
        types = ", ".join(f"'{name}': '{_SQL_TYPE[kind]}'" for name, kind in columns.items())
        source = f"read_csv({_quoted(file)}, header = true, types = {{{types}}})"
    else:
        source = f"read_parquet({_quoted(file)})"
        for name, kind in columns.items():
            numeric = found[name].upper().startswith(_NUMERIC) or "INT" in found[name].upper()
            if numeric != (kind != "text") and found[name].upper() not in ('"NULL"', "NULL"):
                wanted = "texts" if kind == "text" else "numbers"
                raise TableError(f"{file.name}: column {name} is of type {found[name]}, expected {wanted}")
    picked = ", ".join(f"{name}::{_SQL_TYPE[kind]} AS {name}" for name, kind in columns.items())
    with _reading(file):
        connection.execute(f"CREATE OR REPLACE VIEW {table} AS SELECT {picked} FROM {source}")


def _describe(connection: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    with _reading(file):
        rows = connection.execute(f"DESCRIBE SELECT * FROM {_source(file)}").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def _source(file: Path) -> str:
    """Return what reads a file as it is, a CSV's cells as text."""
    if file.name.endswith(".parquet"):
        return f"read_parquet({_quoted(file)})"
    return f"read_csv({_quoted(file)}, header = true, all_varchar = true)"


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Turn DuckDB's complaint about a file into one line."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise TableError(f"{file.name} cannot be read: {_first_line(error)}") from None


def read_applications(
    connection: duckdb.DuckDBPyConnection, tables: Tables, table: str, *, labelled: bool
) -> Applications:
    """Read and encode an application table, ordered by client id; `labelled` demands a TARGET of 0 and 1.

    Raises TableError for no rows, missing or duplicated ids, missing or other labels, or no positive label.
    """
    file = tables.files[table]
    with _reading(file):
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
    values = np.empty((rows.num_rows, len(APPLICATION_COLUMNS)), dtype=np.float64)
    for i, column in enumerate(APPLICATION_COLUMNS):
        cells = rows.column(column.name)
        if column.is_category:
            values[:, i] = encode_column(column, cells.to_pylist())
        else:
            values[:, i] = cells.to_numpy(zero_copy_only=False)
    values[~np.isfinite(values)] = np.nan
    target = _labels(rows.column(TARGET).to_numpy(zero_copy_only=False), file) if labelled else None
    return Applications(client_ids, values, target)


def read_labels(connection: duckdb.DuckDBPyConnection, file: Path) -> FloatArray | None:
    """Return the TARGET of an application file, float64[n] ordered by client id; None where it is not labelled."""
    if TARGET not in _describe(connection, file):
        return None
    with _reading(file):
        labels = connection.sql(
            f"SELECT TRY_CAST({TARGET} AS DOUBLE) AS {TARGET} FROM {_source(file)} ORDER BY {CLIENT_ID}::BIGINT"
        ).to_arrow_table()
    target = np.asarray(labels.column(TARGET).to_numpy(zero_copy_only=False), dtype=np.float64)
    return target if bool(np.isin(target, (0.0, 1.0)).all()) else None


def read_columns(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], columns: Sequence[str]) -> Any:
    """Return these columns of the tables' views, one below the other and ordered by client id, as an Arrow table.

    Raises TableError where a cell cannot be read.
    """
    picked = " UNION ALL ".join(f"SELECT {', '.join(columns)} FROM {table}" for table in tables)
    with _reading(Path(" and ".join(tables))):
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


def check_tables(folder: Path, *, need: tuple[str, ...] = (APPLICATION_TRAIN,)) -> dict[str, int | None]:
    """Read every table of a folder through and return its rows, None where a history table is missing.

    Raises TableError at the first table that is missing or malformed.
    """
    tables = find_tables(folder, need=need)
    connection = connect()
    create_views(connection, tables)
    rows: dict[str, int | None] = {}
    for table, columns in TABLES.items():
        if not tables.has(table):
            rows[table] = None
            continue
        with _reading(tables.files[table]):
            counted = connection.execute(
                f"SELECT count(*), {', '.join(f'count({name})' for name in columns)} FROM {table}"
            ).fetchall()[0]
        rows[table] = int(counted[0])
        for name, kind, known in zip(columns, columns.values(), counted[1:], strict=True):
            if kind == "id" and known != counted[0]:
                raise TableError(f"{tables.files[table].name}: {counted[0] - known} rows have no {name}")
    for table in (APPLICATION_TRAIN, APPLICATION_TEST):
        if tables.has(table):
            read_applications(connection, tables, table, labelled=table == APPLICATION_TRAIN)
    return rows


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]
