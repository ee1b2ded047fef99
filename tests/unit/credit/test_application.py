"""Applications as arrays."""

from __future__ import annotations

import numpy as np

from credit.application import CELL_ORDER, ApplicationBatch, encode_cells, encode_rows
from credit.schema import APPLICATION_COLUMNS, COLUMN_INDEX, UNKNOWN_CATEGORY
from tests.fixtures.decisions import application_batch


def test_rows_are_taken_in_the_order_asked_for() -> None:
    """Ids, clients and values stay together."""
    batch = application_batch(5, first_id=10)
    taken = batch.take([3, 0])
    assert taken.application_ids == ["13", "10"]
    assert taken.client_ids.tolist() == [13, 10]
    assert taken.values.tobytes() == batch.values[[3, 0]].tobytes()


def test_batches_join_in_order() -> None:
    """What came as two is what came as one; a single batch is itself."""
    first, second = application_batch(2, first_id=1), application_batch(3, first_id=7)
    joined = ApplicationBatch.concatenate([first, second])
    assert joined.application_ids == ["1", "2", "7", "8", "9"]
    assert joined.values.tobytes() == np.concatenate([first.values, second.values]).tobytes()
    assert ApplicationBatch.concatenate([first]) is first


def test_cells_become_numbers_codes_and_gaps() -> None:
    """A number stays, a category becomes its place, an unknown one -1, what is absent NaN."""
    rows = [{"AMT_CREDIT": 5.0, "CODE_GENDER": "M"}, {"CODE_GENDER": "never heard of"}]
    values = encode_rows(rows)
    assert values.shape == (2, len(APPLICATION_COLUMNS))
    assert values[0, COLUMN_INDEX["AMT_CREDIT"]] == 5.0
    assert values[:, COLUMN_INDEX["CODE_GENDER"]].tolist() == [1.0, UNKNOWN_CATEGORY]
    assert np.isnan(values[1, COLUMN_INDEX["AMT_CREDIT"]])
    assert np.isnan(values[0]).sum() == len(APPLICATION_COLUMNS) - 2


def test_no_rows_are_no_rows() -> None:
    """An empty batch has the columns all the same, and cells stand in their own order."""
    assert encode_cells([]).shape == (0, len(APPLICATION_COLUMNS))
    assert sorted(CELL_ORDER) == sorted(column.name for column in APPLICATION_COLUMNS)
