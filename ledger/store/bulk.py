"""Many rows at once into either database, by the quickest way that each has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Double,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Uuid,
    func,
    select,
)

_COPY_TYPES: tuple[tuple[type[Any], str], ...] = (
    (Uuid, "uuid"),
    (SmallInteger, "int2"),
    (BigInteger, "int8"),
    (Integer, "int4"),
    (Boolean, "bool"),
    (Double, "float8"),
    (LargeBinary, "bytea"),
)


def highest(connection: Connection, column: ColumnElement[int], default: int) -> int:
    """Return a column's highest value, `default` in an empty table."""
    return int(connection.execute(select(func.coalesce(func.max(column), default))).scalar_one())


def insert_all(connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows that are known to be new; each has all columns of the table, in its order."""
    if not rows:
        return
    names = [column.name for column in table.columns]
    listed = ", ".join(f'"{name}"' for name in names)
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {table.name} ({listed}) FROM STDIN (FORMAT BINARY)", table, rows)
        return
    places = ", ".join("?" * len(names))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({listed}) VALUES ({places})", [tuple(row) for row in rows])  # noqa: S608


def insert_new(connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Insert those of the rows whose key is not there yet."""
    if not rows:
        return
    names = [column.name for column in table.columns]
    listed = ", ".join(f'"{name}"' for name in names)
    if connection.dialect.name == "postgresql":
        staged = f"new_{table.name}"
        connection.exec_driver_sql(
            f"CREATE TEMP TABLE IF NOT EXISTS {staged} (LIKE {table.name} INCLUDING DEFAULTS) ON COMMIT DELETE ROWS"
        )
        _copy(connection, f"COPY {staged} ({listed}) FROM STDIN (FORMAT BINARY)", table, rows)
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({listed}) SELECT {listed} FROM {staged} ON CONFLICT DO NOTHING"  # noqa: S608
        )
        connection.exec_driver_sql(f"TRUNCATE {staged}")
        return
    places = ", ".join("?" * len(names))
    connection.exec_driver_sql(
        f"INSERT OR IGNORE INTO {table.name} ({listed}) VALUES ({places})",  # noqa: S608 - names are our own
        [tuple(row) for row in rows],
    )


def _copy(connection: Connection, statement: str, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    driver: Any = connection.connection.driver_connection
    types = [_copy_type(column.type) for column in table.columns]
    convert: list[tuple[int, Callable[[Any], Any]]] = [
        (place, UUID) for place, column in enumerate(table.columns) if isinstance(column.type, Uuid)
    ]
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            values = list(row)
            for place, made in convert:
                if values[place] is not None:
                    values[place] = made(values[place])
            copy.write_row(values)


def _copy_type(kind: Any) -> str:
    return next((name for known, name in _COPY_TYPES if isinstance(kind, known)), "text")
