"""DuckDB as the tables are read through it: bounded in memory, and its complaints as one line."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from credit.errors import TableError

if TYPE_CHECKING:
    import duckdb

    from training.settings import TrainingSettings


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
        connection.execute(f"SET temp_directory = {quoted(spill)}")
    return connection


@contextmanager
def spilling(settings: TrainingSettings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB with the memory and threads of the settings, and a folder to spill to until it is closed."""
    with tempfile.TemporaryDirectory(prefix="loanstream-") as spill:
        connection = connect(memory_gb=settings.memory_gb, threads=settings.threads or None, spill=Path(spill))
        try:
            yield connection
        finally:
            connection.close()


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Turn DuckDB's complaint about a file into one line."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise TableError(f"{file.name} cannot be read: {first_line(error)}") from None


def quoted(path: Path) -> str:
    """Return a path as an SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"


def first_line(error: Exception) -> str:
    """Return the first line of what DuckDB says, at most 300 characters."""
    return str(error).strip().splitlines()[0][:300]
