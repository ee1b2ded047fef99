"""Columns as drawn, written to parquet or CSV chunk by chunk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from training.data.generation.draws import Columns, TextColumn


class TableWriter:
    """Appends chunks of columns to one parquet or CSV file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._writer: Any = None

    def write(self, columns: Columns) -> int:
        table = as_table(columns)
        if self._writer is None:
            self._writer = self._open(table.schema)
        self._writer.write_table(table)
        return int(table.num_rows)

    def _open(self, schema: Any) -> Any:
        if self._file.suffix == ".parquet":
            import pyarrow.parquet as pq

            return pq.ParquetWriter(self._file, schema, compression="zstd")
        from pyarrow import csv

        return csv.CSVWriter(self._file, schema)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def as_table(columns: Columns) -> Any:
    """Return drawn columns as an Arrow table; NaN is missing."""
    import pyarrow as pa

    return pa.table({name: _arrow(column) for name, column in columns.items()})


def _arrow(column: Any) -> Any:
    import pyarrow as pa

    if isinstance(column, TextColumn):
        indices = pa.array(column.codes.astype(np.int32), mask=column.codes < 0)
        return pa.DictionaryArray.from_arrays(indices, pa.array(column.values)).cast(pa.string())
    return pa.array(column, from_pandas=True)
