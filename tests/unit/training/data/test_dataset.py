"""Tables put together."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from credit.features import CATALOG
from tests.unit.training.editing import put
from training.data.dataset import load_dataset
from training.data.schemas import HISTORY_TABLES
from training.settings import TrainingSettings


def test_a_missing_history_table_reads_as_empty(folder: Path) -> None:
    """Only the application table is needed; what else is missing is named."""
    (folder / "bureau.parquet").unlink()
    data = load_dataset(folder, TrainingSettings(threads=1))
    assert data.missing == ("bureau",)
    assert len(data.y) == 600


def test_history_of_unknown_clients_is_read_over(folder: Path) -> None:
    """Ids without an application change nothing."""
    before = load_dataset(folder, TrainingSettings(threads=1)).digest
    extra = pq.read_table(folder / "bureau.parquet")
    stranger = put("SK_ID_CURR", lambda t: [999_999_999] * t.num_rows)(extra.slice(0, 50))
    pq.write_table(pa.concat_tables([extra, stranger]), folder / "bureau.parquet")
    assert load_dataset(folder, TrainingSettings(threads=1)).digest == before


def test_without_any_history_the_application_alone_is_known(folder: Path) -> None:
    """No client has history, every history feature is missing, and those of the application are there."""
    for table in HISTORY_TABLES:
        (folder / f"{table}.parquet").unlink()
    data = load_dataset(folder, TrainingSettings(threads=1, derived=False))
    assert not data.has_history.any()
    assert np.isfinite(data.X[:, CATALOG.index["AMT_CREDIT"]]).all()
    assert len(data.unlabelled) == 0, "application_test serves the derived features alone"
    assert set(data.missing) == set(HISTORY_TABLES)


def test_groups_are_told_by_columns_that_no_model_reads(folder: Path) -> None:
    """The encoded gender of each row, in the order of the labels."""
    data = load_dataset(folder, TrainingSettings(threads=1))
    rows = pq.read_table(folder / "application_train.parquet").sort_by("SK_ID_CURR")
    women = np.array(rows.column("CODE_GENDER").to_pylist()) == "F"
    assert np.array_equal(data.audit("CODE_GENDER") == 0, women)
    assert data.has_history.any()
