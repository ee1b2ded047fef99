"""Which table is streamed."""

from __future__ import annotations

from pathlib import Path

import pytest

from loanstream.intake.tables import count_rows


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_rows_are_counted_in_either_form(tmp_path: Path, suffix: str) -> None:
    """A table's applications are counted whether it is CSV or parquet."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    table, path = pa.table({"SK_ID_CURR": [1, 2, 3]}), tmp_path / f"application_test{suffix}"
    if suffix == ".csv":
        pa.csv.write_csv(table, path)
    else:
        pa.parquet.write_table(table, path)
    assert count_rows(path) == 3
