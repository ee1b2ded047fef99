"""Whether a folder's tables can be trained on: `loanstream data check`."""

# ruff: noqa: S608 - statements are put together from this package's own column names and quoted paths
from __future__ import annotations

from pathlib import Path

from credit.errors import TableError
from training.data.applications import read_applications
from training.data.connection import connect, reading
from training.data.schemas import APPLICATION_TEST, APPLICATION_TRAIN, TABLES
from training.data.tables import create_views, find_tables


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
        with reading(tables.files[table]):
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
