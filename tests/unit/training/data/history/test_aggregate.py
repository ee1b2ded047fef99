"""History aggregates against the same numbers by hand."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from credit.application import encode_rows
from credit.features import CATALOG, assemble
from training.data.connection import connect
from training.data.dataset import load_dataset
from training.data.history import History, aggregate
from training.data.tables import create_views, find_tables
from training.settings import TrainingSettings


def vectors(folder: Path, ids: list[int], threads: int = 1) -> History:
    connection = connect(threads=threads)
    create_views(connection, find_tables(folder))
    return aggregate(connection, np.array(sorted(ids), dtype=np.int64))


def clients(folder: Path) -> list[int]:
    return list(pq.read_table(folder / "application_train.parquet").column("SK_ID_CURR").to_pylist())


@pytest.fixture(scope="module")
def history(tables: Path) -> History:
    return vectors(tables, clients(tables))


@pytest.mark.parametrize("client", [0, 7, 41])
def test_aggregates_agree_with_pandas(tables: Path, history: History, client: int) -> None:
    """Count, share, sum, mean, max, last and a subset, recomputed another way."""
    bureau = pq.read_table(tables / "bureau.parquet").to_pandas()
    who = sorted(bureau.SK_ID_CURR.unique())[client]
    if who not in history.client_ids:
        pytest.skip("the client is in application_test")
    rows = bureau[who == bureau.SK_ID_CURR]
    active = rows[rows.CREDIT_ACTIVE == "Active"]
    got = dict(zip(CATALOG.history_names, history.of(np.array([who]))[0], strict=True))
    assert got["BUREAU_N_COUNT"] == len(rows)
    assert got["BUREAU_ACTIVE_SHARE"] == np.float32(len(active) / len(rows))
    assert got["BUREAU_CREDIT_SUM"] == pytest.approx(rows.AMT_CREDIT_SUM.sum(), rel=1e-6)
    assert got["BUREAU_DEBT_MEAN"] == pytest.approx(rows.AMT_CREDIT_SUM_DEBT.mean(), rel=1e-6, nan_ok=True)
    assert got["BUREAU_ACTIVE_CREDIT_MAX"] == pytest.approx(active.AMT_CREDIT_SUM.max(), rel=1e-6, nan_ok=True)
    latest = rows.sort_values(["DAYS_CREDIT", "SK_ID_BUREAU"]).iloc[-1]
    assert got["BUREAU_CREDIT_LAST"] == pytest.approx(latest.AMT_CREDIT_SUM, rel=1e-6)


def test_late_instalments_are_counted_by_day(tables: Path, history: History) -> None:
    """Days late and underpayment of the last year, recomputed with pandas."""
    rows = pq.read_table(tables / "installments_payments.parquet").to_pandas()
    who = next(i for i in rows.SK_ID_CURR.unique() if i in set(history.client_ids))
    rows = rows[(who == rows.SK_ID_CURR) & (rows.DAYS_INSTALMENT >= -365)]
    late = (rows.DAYS_ENTRY_PAYMENT - rows.DAYS_INSTALMENT).clip(0, 720)
    short = (rows.AMT_INSTALMENT - rows.AMT_PAYMENT).clip(lower=0)
    got = dict(zip(CATALOG.history_names, history.of(np.array([who]))[0], strict=True))
    assert got["INST_Y1_LATE_MAX"] == pytest.approx(late.max(), nan_ok=True)
    assert got["INST_Y1_SHORT_SUM"] == pytest.approx(short.sum(), rel=1e-6, abs=0.01)


def test_a_client_without_rows_has_no_history(history: History) -> None:
    """All features of an unknown client are missing, not zero."""
    assert np.isnan(history.of(np.array([1]))).all()


def test_any_number_of_threads_and_clients_gives_the_same_bits(tables: Path, history: History) -> None:
    """Sums are exact, so neither threads nor which other clients are asked for can change a feature."""
    some = clients(tables)[::7]
    alone = vectors(tables, some, threads=2)
    assert alone.of(np.array(some)).tobytes() == history.of(np.array(some)).tobytes()


def test_the_online_path_and_the_training_table_agree_bit_for_bit(tables: Path) -> None:
    """Sampled clients recomputed one by one, from a row as JSON gives it and a history asked for alone."""
    data = load_dataset(tables, TrainingSettings(threads=1))
    rows = {row["SK_ID_CURR"]: row for row in pq.read_table(tables / "application_train.parquet").to_pylist()}
    for i in range(0, len(data.y), 97):
        who = int(data.client_ids[i])
        online = assemble(encode_rows([rows[who]]), vectors(tables, [who]).of(np.array([who])))
        assert online.tobytes() == data.X[i : i + 1].tobytes()
