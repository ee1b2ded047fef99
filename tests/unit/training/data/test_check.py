"""Whether tables can be trained on; each fault is one line that names it."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from credit.errors import TableError
from tests.unit.training.editing import Edit, change, put
from training.data.check import check_tables


def test_a_sound_folder_is_counted(folder: Path) -> None:
    """Every table is read through, and its rows are told."""
    rows = check_tables(folder)
    assert rows["application_train"] == 600
    assert rows["application_test"] == 100
    assert all(rows.values())


FAULTS: dict[str, tuple[Edit, str]] = {
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
