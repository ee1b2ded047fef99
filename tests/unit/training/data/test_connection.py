"""DuckDB as the tables are read through it."""

from pathlib import Path

import duckdb
import pytest

from credit.errors import TableError
from training.data.connection import quoted, reading, spilling
from training.settings import TrainingSettings


def test_it_spills_to_a_folder_that_goes_with_it() -> None:
    """Memory and threads are those of the settings; nothing is left on the disk."""
    with spilling(TrainingSettings(memory_gb=0.5, threads=1)) as connection:
        names = ("memory_limit", "threads", "temp_directory")
        limit, threads, spill = (
            connection.execute(f"SELECT current_setting('{name}')").fetchall()[0][0] for name in names
        )
        assert limit.startswith("476")  # MiB
        assert threads == 1
        assert Path(spill).parent.is_dir()
    assert not Path(spill).exists()
    with pytest.raises(duckdb.ConnectionException):
        connection.execute("SELECT 1")


def test_a_complaint_is_one_line_that_names_the_file() -> None:
    """Only the first line of what DuckDB says, and only DuckDB's errors."""
    with pytest.raises(TableError, match=r"^a\.csv cannot be read: first$"), reading(Path("/somewhere/a.csv")):
        raise duckdb.Error("first\nsecond")
    with pytest.raises(ZeroDivisionError), reading(Path("a.csv")):
        raise ZeroDivisionError


def test_a_quote_in_a_path_ends_no_literal() -> None:
    """It is doubled, as SQL wants it."""
    assert quoted(Path("/a'b")) == "'/a''b'"
