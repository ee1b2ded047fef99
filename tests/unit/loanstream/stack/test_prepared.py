"""What a home was prepared with."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from loanstream.stack.home import Home
from loanstream.stack.prepared import prepared_for, tables_of, write_prepared


def test_the_same_tables_are_prepared_once(home: Home, tmp_path: Path) -> None:
    """What was done for a folder of tables counts until a table changes, and not for another folder."""
    tables = tmp_path / "tables"
    tables.mkdir()
    file = tables / "application_train.csv"
    file.write_text("SK_ID_CURR\n1\n")
    assert prepared_for(home, tables).trained_in == ""
    write_prepared(home, replace(prepared_for(home, tables), trained_in="store"))
    assert prepared_for(home, tables).trained_in == "store"
    assert prepared_for(home, tmp_path).trained_in == ""
    file.write_text("SK_ID_CURR\n2\n3\n")
    assert prepared_for(home, tables).trained_in == ""


def test_later_commands_use_the_tables_of_the_last_preparation(home: Home, tmp_path: Path) -> None:
    """Without `--data` a home works with the tables it was prepared with, and with its own once those are gone."""
    tables = tmp_path / "tables"
    tables.mkdir()
    assert tables_of(home) == home.data
    write_prepared(home, prepared_for(home, tables))
    assert tables_of(home) == tables
    tables.rmdir()
    assert tables_of(home) == home.data


def test_a_table_touched_again_counts_as_changed(home: Home, tmp_path: Path) -> None:
    """A table of the same size but another time is another table."""
    file = tmp_path / "bureau.csv"
    file.write_text("a")
    write_prepared(home, replace(prepared_for(home, tmp_path), trained_in="store"))
    os.utime(file, (1, 1))
    assert prepared_for(home, tmp_path).trained_in == ""
