"""Finding tables, and the views that show them with the published columns."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from credit.errors import TableError
from training.data.connection import connect
from training.data.schemas import HISTORY_TABLES, TABLES
from training.data.tables import create_views, find_tables


def test_a_missing_folder_or_table_is_refused(tmp_path: Path) -> None:
    """The error says where to put what."""
    with pytest.raises(TableError, match="is not a folder"):
        find_tables(tmp_path / "nowhere")
    with pytest.raises(TableError, match=r"application_train\.parquet or application_train\.csv"):
        find_tables(tmp_path)


def test_a_file_stands_in_for_the_folder_s_applications(folder: Path) -> None:
    """`loanstream score FILE` reads that file, and the history beside it."""
    file = folder / "mine.csv"
    csv.write_csv(pq.read_table(folder / "application_test.parquet").slice(0, 3), file)
    tables = find_tables(folder, need=(), application=file)
    assert tables.files["application_test"] == file
    assert tables.missing == ()
    with pytest.raises(TableError, match="is not there"):
        find_tables(folder, need=(), application=folder / "other.csv")
    (folder / "mine.txt").touch()
    with pytest.raises(TableError, match="expected a name that ends in"):
        find_tables(folder, need=(), application=folder / "mine.txt")


def test_a_table_that_is_missing_or_not_asked_for_is_an_empty_view(folder: Path) -> None:
    """Every table can be queried, with all its columns, whatever the folder holds."""
    (folder / "bureau.parquet").unlink()
    connection = connect(threads=1)
    create_views(connection, find_tables(folder), only=("application_test",))
    for table, columns in TABLES.items():
        view = connection.sql(f"SELECT * FROM {table}")
        assert view.columns == list(columns), table
        there = table != "bureau" and (table in HISTORY_TABLES or table == "application_test")
        assert (len(view.fetchall()) > 0) == there, table


def test_a_path_with_a_quote_is_read(folder: Path) -> None:
    """Paths go into SQL as literals."""
    odd = folder.rename(folder.with_name("bank's tables"))
    connection = connect(threads=1)
    create_views(connection, find_tables(odd))
    assert connection.execute("SELECT count(*) FROM application_train").fetchall() == [(600,)]
