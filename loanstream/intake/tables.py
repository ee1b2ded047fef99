"""Which table's applications are streamed, and how many it has."""

from __future__ import annotations

from pathlib import Path


def table_to_stream(data: Path) -> Path:
    """Return the table whose applications are streamed: application_test, or application_train where there is none."""
    from training.data.schemas import APPLICATION_TEST, APPLICATION_TRAIN
    from training.data.tables import find_tables

    tables = find_tables(data)
    return tables.files.get(APPLICATION_TEST) or tables.files[APPLICATION_TRAIN]


def count_rows(table: Path) -> int:
    """Return how many applications a table has, from its footer or its lines."""
    import pyarrow.dataset

    if table.suffix == ".parquet":
        return int(pyarrow.dataset.dataset(table, format="parquet").count_rows())
    return int(pyarrow.dataset.dataset(table, format="csv").count_rows())
