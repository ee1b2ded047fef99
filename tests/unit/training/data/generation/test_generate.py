"""The synthetic tables."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from credit.errors import SettingsError
from training.data.generation.generate import generate
from training.data.schemas import TABLES


def test_all_tables_have_the_published_columns(tables: Path) -> None:
    """Each of the eight files holds exactly the columns of its table."""
    for table, columns in TABLES.items():
        assert set(pq.read_schema(tables / f"{table}.parquet").names) == set(columns), table


def test_the_same_seed_gives_the_same_rows_and_another_gives_others(tables: Path, tmp_path: Path) -> None:
    """Generation depends on its arguments alone."""
    generate(tmp_path / "same", 600, 100, seed=3)
    generate(tmp_path / "other", 600, 100, seed=4)
    for table in TABLES:
        one = pq.read_table(tables / f"{table}.parquet")
        assert one.equals(pq.read_table(tmp_path / "same" / f"{table}.parquet")), table
        assert not one.equals(pq.read_table(tmp_path / "other" / f"{table}.parquet")), table


def test_oddities_and_rates_are_those_of_the_real_tables(tmp_path: Path) -> None:
    """Default rate near 8 %, missing external scores, 365243 days of employment, XNA."""
    generate(tmp_path, 8_000, 10, seed=0)
    rows = pq.read_table(tmp_path / "application_train.parquet")
    assert 0.065 < np.mean(rows.column("TARGET").to_numpy()) < 0.1
    assert 0.5 < rows.column("EXT_SOURCE_1").null_count / 8_000 < 0.62
    assert 0.1 < np.mean(rows.column("DAYS_EMPLOYED").to_numpy() == 365243) < 0.3
    assert "XNA" in set(rows.column("ORGANIZATION_TYPE").to_pylist())


def test_history_ids_point_at_generated_rows(tables: Path) -> None:
    """Loans belong to clients, months to loans, payments to earlier applications."""

    def ids(table: str, column: str) -> set[int]:
        return set(pq.read_table(tables / f"{table}.parquet", columns=[column]).column(column).to_pylist())

    clients = ids("application_train", "SK_ID_CURR") | ids("application_test", "SK_ID_CURR")
    assert ids("bureau", "SK_ID_CURR") <= clients
    assert ids("bureau_balance", "SK_ID_BUREAU") <= ids("bureau", "SK_ID_BUREAU")
    for table in ("POS_CASH_balance", "credit_card_balance", "installments_payments"):
        assert ids(table, "SK_ID_PREV") <= ids("previous_application", "SK_ID_PREV")


def test_a_table_of_the_other_format_is_not_left_behind(tmp_path: Path) -> None:
    """Generating CSV over parquet leaves one version of each table."""
    generate(tmp_path, 20, 5, seed=0)
    generate(tmp_path, 20, 5, seed=1, file_format="csv")
    assert {file.suffix for file in tmp_path.iterdir()} == {".csv"}


def test_an_impossible_size_is_refused(tmp_path: Path) -> None:
    """No clients, no tables."""
    with pytest.raises(SettingsError):
        generate(tmp_path, 0, 5)
