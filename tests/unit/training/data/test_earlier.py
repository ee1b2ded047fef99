"""Earlier cash loans as rows to learn a credit's price from."""

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from credit.features.derived import EARLIER_INPUTS, EARLIER_TARGETS
from tests.unit.training.editing import put
from training.data.dataset import load_dataset
from training.settings import TrainingSettings

SETTINGS = TrainingSettings(threads=1)


def test_only_cash_loans_with_a_term_are_read_and_their_interest_follows(folder: Path) -> None:
    """Inputs are the catalog's own features of the loan's amounts; the same rows come in the same order each time."""
    first, second = (load_dataset(folder, SETTINGS).earlier for _ in range(2))
    count = duckdb.sql(
        f"SELECT count(*) FROM '{folder}/previous_application.parquet' "
        "WHERE NAME_CONTRACT_TYPE = 'Cash loans' AND CNT_PAYMENT > 0 AND AMT_ANNUITY > 0 AND AMT_CREDIT > 0"
    ).fetchall()[0][0]
    assert len(first.inputs) == count > 100
    assert first.inputs.tobytes() == second.inputs.tobytes()
    column = {name: first.inputs[:, i] for i, name in enumerate(EARLIER_INPUTS)}
    target = {name: first.targets[:, i] for i, name in enumerate(EARLIER_TARGETS)}
    assert np.array_equal(column["ANNUITY_TO_CREDIT"], column["AMT_ANNUITY"] / column["AMT_CREDIT"])
    assert np.allclose(target["INTEREST_PREDICTED"], column["ANNUITY_TO_CREDIT"] - 1 / target["TERM_PREDICTED"])


def test_without_the_table_nothing_is_known(folder: Path) -> None:
    """Training goes on without term and interest."""
    (folder / "previous_application.parquet").unlink()
    assert len(load_dataset(folder, SETTINGS).earlier.inputs) == 0


def test_loans_of_unknown_clients_are_read_over(folder: Path) -> None:
    """Ids without an application change nothing."""
    before = load_dataset(folder, SETTINGS).digest
    file = folder / "previous_application.parquet"
    rows = pq.read_table(file)
    stranger = put("SK_ID_CURR", lambda t: [999_999_999] * t.num_rows)(rows.slice(0, 300))
    pq.write_table(pa.concat_tables([rows, stranger]), file)
    assert load_dataset(folder, SETTINGS).digest == before
