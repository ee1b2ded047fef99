"""Chunks of columns in a file."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from training.data.generation.draws import TextColumn
from training.data.generation.writer import TableWriter


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_chunks_are_put_together_and_what_is_missing_stays_missing(tmp_path: Path, ending: str) -> None:
    """Two chunks make one table; NaN and a negative code are nulls, whole numbers stay whole."""
    file = tmp_path / f"table.{ending}"
    writer = TableWriter(file)
    for start in (0, 2):
        rows = writer.write(
            {
                "id": np.arange(start, start + 2),
                "number": np.array([0.5, np.nan]),
                "text": TextColumn(np.array([1, -1]), ("a", "b")),
            }
        )
        assert rows == 2
    writer.close()
    table = pq.read_table(file) if ending == "parquet" else csv.read_csv(file, convert_options=_EMPTY_IS_NULL)
    assert table.to_pydict() == {
        "id": [0, 1, 2, 3],
        "number": [0.5, None, 0.5, None],
        "text": ["b", None, "b", None],
    }


_EMPTY_IS_NULL = csv.ConvertOptions(strings_can_be_null=True)


def test_nothing_written_is_no_file(tmp_path: Path) -> None:
    """Closing a writer without a chunk leaves nothing."""
    TableWriter(tmp_path / "table.parquet").close()
    assert list(tmp_path.iterdir()) == []
