"""Finding, checking and reading tables; each fault is one line that names it."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from credit.errors import TableError
from credit.schema import COLUMN_INDEX
from training.data.dataset import load_dataset
from training.data.tables import check_tables, connect, create_views, find_tables, read_applications
from training.settings import TrainingSettings


@pytest.fixture
def folder(tables: Path, tmp_path: Path) -> Path:
    """A copy of the tables that a test may damage."""
    return Path(shutil.copytree(tables, tmp_path / "data"))


def change(folder: Path, table: str, edit: Any) -> None:
    file = folder / f"{table}.parquet"
    pq.write_table(edit(pq.read_table(file)), file)


def put(column: str, values: Any) -> Any:
    return lambda t: t.set_column(t.column_names.index(column), column, pa.array(values(t)))


def read(folder: Path, table: str = "application_train") -> Any:
    tables = find_tables(folder)
    connection = connect(threads=1)
    create_views(connection, tables)
    return read_applications(connection, tables, table, labelled=table == "application_train")


def test_a_sound_folder_is_counted(folder: Path) -> None:
    """Every table is read through, and its rows are told."""
    rows = check_tables(folder)
    assert rows["application_train"] == 600
    assert rows["application_test"] == 100
    assert all(rows.values())


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


def test_a_missing_history_table_reads_as_empty(folder: Path) -> None:
    """Only the application table is needed; what else is missing is named."""
    (folder / "bureau.parquet").unlink()
    data = load_dataset(folder, TrainingSettings(threads=1))
    assert data.missing == ("bureau",)
    assert len(data.y) == 600


def test_unknown_categories_are_kept_apart_from_missing_ones(folder: Path) -> None:
    """A category that the schema does not know becomes -1, an absent one NaN."""
    change(folder, "application_train", put("OCCUPATION_TYPE", lambda t: [None] + ["Astronaut"] * (t.num_rows - 1)))
    column = read(folder).values[:, COLUMN_INDEX["OCCUPATION_TYPE"]]
    assert np.isnan(column).sum() == 1
    assert (column == -1.0).sum() == 599


FAULTS: dict[str, tuple[Any, str]] = {
    "duplicated id": (put("SK_ID_CURR", lambda t: [100001] * t.num_rows), "occurs more than once"),
    "missing id": (put("SK_ID_CURR", lambda t: [None, *range(1, t.num_rows)]), "have no SK_ID_CURR"),
    "no column": (lambda t: t.drop_columns(["AMT_CREDIT"]), "lacks the column AMT_CREDIT"),
    "text for a number": (put("AMT_CREDIT", lambda t: ["much"] * t.num_rows), "AMT_CREDIT is of type VARCHAR"),
    "number for a text": (put("CODE_GENDER", lambda t: [1.0] * t.num_rows), "CODE_GENDER is of type DOUBLE"),
    "empty label": (put("TARGET", lambda t: [None] * t.num_rows), "have no TARGET"),
    "other label": (put("TARGET", lambda t: [2] * t.num_rows), "must be 0 or 1"),
    "no positive": (put("TARGET", lambda t: [0] * t.num_rows), "nothing to learn"),
    "no negative": (put("TARGET", lambda t: [1] * t.num_rows), "nothing to learn"),
    "no rows": (lambda t: t.slice(0, 0), "has no rows"),
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_fault_is_told_in_one_line(folder: Path, fault: str) -> None:
    """Whatever is wrong with the application table is refused with a line that says what."""
    edit, message = FAULTS[fault]
    change(folder, "application_train", edit)
    with pytest.raises(TableError, match=message) as caught:
        check_tables(folder)
    assert "\n" not in str(caught.value)


def test_a_wrong_cell_of_a_csv_is_refused(folder: Path) -> None:
    """A text in a number's column of a CSV file is found while reading."""
    table = pq.read_table(folder / "bureau.parquet")
    (folder / "bureau.parquet").unlink()
    csv.write_csv(put("DAYS_CREDIT", lambda t: ["soon"] * t.num_rows)(table), folder / "bureau.csv")
    with pytest.raises(TableError, match=r"bureau\.csv") as caught:
        check_tables(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"not a parquet file at all"])
def test_an_unreadable_file_is_refused(folder: Path, content: bytes) -> None:
    """A file that is no table is named."""
    (folder / "bureau.parquet").write_bytes(content)
    with pytest.raises(TableError, match=r"bureau\.parquet"):
        check_tables(folder)


def test_a_missing_folder_or_table_is_refused(tmp_path: Path) -> None:
    """The error says where to put what."""
    with pytest.raises(TableError, match="is not a folder"):
        find_tables(tmp_path / "nowhere")
    with pytest.raises(TableError, match=r"application_train\.parquet or application_train\.csv"):
        find_tables(tmp_path)


def test_history_of_unknown_clients_is_read_over(folder: Path) -> None:
    """Ids without an application change nothing."""
    before = load_dataset(folder, TrainingSettings(threads=1)).digest
    extra = pq.read_table(folder / "bureau.parquet")
    stranger = put("SK_ID_CURR", lambda t: [999_999_999] * t.num_rows)(extra.slice(0, 50))
    pq.write_table(pa.concat_tables([extra, stranger]), folder / "bureau.parquet")
    assert load_dataset(folder, TrainingSettings(threads=1)).digest == before
