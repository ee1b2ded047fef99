"""Applications as arrays."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from credit.schema import COLUMN_INDEX
from tests.unit.training.editing import change, put, read
from training.data.applications import read_columns, read_labels
from training.data.connection import connect
from training.data.tables import create_views, find_tables


def test_csv_and_parquet_read_alike(folder: Path, tmp_path: Path) -> None:
    """The same table as CSV gives the same bits."""
    other = tmp_path / "csv"
    other.mkdir()
    csv.write_csv(pq.read_table(folder / "application_train.parquet"), other / "application_train.csv")
    a, b = read(folder), read(other)
    assert np.array_equal(a.values, b.values, equal_nan=True)
    assert np.array_equal(a.target, b.target)


def test_extra_columns_are_left_out(folder: Path) -> None:
    """Columns that the published tables lack do no harm."""
    before = read(folder).values
    change(folder, "application_train", lambda t: t.append_column("source", pa.array(["x"] * t.num_rows)))
    assert np.array_equal(read(folder).values, before, equal_nan=True)


def test_unknown_categories_are_kept_apart_from_missing_ones(folder: Path) -> None:
    """A category that the schema does not know becomes -1, an absent one NaN."""
    change(folder, "application_train", put("OCCUPATION_TYPE", lambda t: [None] + ["Astronaut"] * (t.num_rows - 1)))
    column = read(folder).values[:, COLUMN_INDEX["OCCUPATION_TYPE"]]
    assert np.isnan(column).sum() == 1
    assert (column == -1.0).sum() == 599


def test_labels_of_a_file_are_read_where_it_has_them(folder: Path) -> None:
    """In the order of ids; None for a file without them, or with anything but 0 and 1."""
    connection = connect(threads=1)
    labels = read_labels(connection, folder / "application_train.parquet")
    assert labels is not None
    assert np.array_equal(labels, read(folder).target)
    assert read_labels(connection, folder / "application_test.parquet") is None
    change(folder, "application_train", put("TARGET", lambda t: [None, *[1] * (t.num_rows - 1)]))
    assert read_labels(connection, folder / "application_train.parquet") is None


def test_columns_of_several_tables_come_in_the_order_of_ids(folder: Path) -> None:
    """Both application tables, one below the other, sorted as one."""
    connection = connect(threads=1)
    create_views(connection, find_tables(folder))
    rows = read_columns(connection, ("application_test", "application_train"), ("SK_ID_CURR", "AMT_CREDIT"))
    ids = rows.column("SK_ID_CURR").to_pylist()
    assert rows.column_names == ["SK_ID_CURR", "AMT_CREDIT"]
    assert ids == sorted(ids)
    assert len(ids) == 700
