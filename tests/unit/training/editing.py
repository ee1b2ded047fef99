"""Tables changed and read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from training.data.applications import EncodedApplications, read_applications
from training.data.connection import connect
from training.data.tables import create_views, find_tables

Edit = Callable[[Any], Any]


def change(folder: Path, table: str, edit: Edit) -> None:
    file = folder / f"{table}.parquet"
    pq.write_table(edit(pq.read_table(file)), file)


def put(column: str, values: Edit) -> Edit:
    return lambda t: t.set_column(t.column_names.index(column), column, pa.array(values(t)))


def read(folder: Path, table: str = "application_train") -> EncodedApplications:
    tables = find_tables(folder)
    connection = connect(threads=1)
    create_views(connection, tables)
    return read_applications(connection, tables, table, labelled=table == "application_train")
