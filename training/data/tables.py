"""Home Credit's tables in a folder, as CSV or parquet: found, and seen as views with the published columns."""

# ruff: noqa: S608 - statements are put together from this package's own column names and quoted paths
from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from credit.errors import TableError
from training.data.connection import quoted, reading
from training.data.schemas import APPLICATION_TEST, APPLICATION_TRAIN, HISTORY_TABLES, TABLES, ColumnType

if TYPE_CHECKING:
    import duckdb

_SQL_TYPE: dict[ColumnType, str] = {"id": "BIGINT", "number": "DOUBLE", "text": "VARCHAR"}
_NUMERIC = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "REAL", "BOOLEAN", "NULL")
_ENDINGS = (".parquet", ".csv", ".csv.gz")


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
    found = describe(connection, file)
    absent = [name for name in columns if name not in found]
    if absent:
        raise TableError(
            f"{file.name} lacks the column{'s'[: len(absent) > 1]} {', '.join(absent[:5])}: add it and try again"
        )
    if not file.name.endswith(".parquet"):
        # The expected types are handed to the CSV reader, so a wrong cell is found while reading, with its line.
        types = ", ".join(f"'{name}': '{_SQL_TYPE[kind]}'" for name, kind in columns.items())
        source = f"read_csv({quoted(file)}, header = true, types = {{{types}}})"
    else:
        source = f"read_parquet({quoted(file)})"
        for name, kind in columns.items():
            numeric = found[name].upper().startswith(_NUMERIC) or "INT" in found[name].upper()
            if numeric != (kind != "text") and found[name].upper() not in ('"NULL"', "NULL"):
                wanted = "texts" if kind == "text" else "numbers"
                raise TableError(f"{file.name}: column {name} is of type {found[name]}, expected {wanted}")
    picked = ", ".join(f"{name}::{_SQL_TYPE[kind]} AS {name}" for name, kind in columns.items())
    with reading(file):
        connection.execute(f"CREATE OR REPLACE VIEW {table} AS SELECT {picked} FROM {source}")


def describe(connection: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    """Return the columns of a file and their types as DuckDB names them; raises TableError for an unreadable one."""
    with reading(file):
        rows = connection.execute(f"DESCRIBE SELECT * FROM {source_of(file)}").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def source_of(file: Path) -> str:
    """Return what reads a file as it is, a CSV's cells as text."""
    if file.name.endswith(".parquet"):
        return f"read_parquet({quoted(file)})"
    return f"read_csv({quoted(file)}, header = true, all_varchar = true)"
