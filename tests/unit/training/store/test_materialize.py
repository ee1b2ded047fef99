"""From tables to a store, with one in memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from credit.errors import TableError
from credit.features import CATALOG
from feature_store.layout import ClientValue, StoreMeta, unpack
from tests.unit.training.editing import change, put
from tests.unit.training.quick import QUICK
from training.data.dataset import Dataset
from training.store import materialize as module
from training.store.materialize import materialize


class BrokenOff(Exception):
    """What a killed run looks like from here."""


class StoreInMemory:
    """A feature store of one process; `lasts` batches are taken before it breaks."""

    def __init__(self, lasts: int = 1_000) -> None:
        self.lasts = lasts
        self.batches: list[int] = []
        self.history: dict[int, bytes] = {}
        self.applications: dict[int, bytes] = {}
        self._finished: tuple[str, StoreMeta] | None = None
        self._source = ""
        self._filled_to = 0

    def current(self) -> tuple[str, StoreMeta] | None:
        return self._finished

    def begin(self, source: str, history_hash: str) -> int:
        assert history_hash == CATALOG.history_hash
        if source != self._source:
            self._source, self._filled_to = source, 0
            self.history, self.applications = {}, {}
        return self._filled_to

    def put(self, history: Sequence[ClientValue], applications: Sequence[ClientValue], filled_to: int) -> None:
        if len(self.batches) == self.lasts:
            raise BrokenOff
        self.batches.append(len(applications))
        self.history |= dict(history)
        self.applications |= dict(applications)
        self._filled_to = filled_to

    def finish(self, meta: StoreMeta) -> str:
        version = f"version-{1 + int(self._finished is not None)}"
        self._finished = (version, meta)
        self._source, self._filled_to = "", 0
        return version


@pytest.fixture
def batches_of_100(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH", 100)


def test_every_client_is_put_as_training_saw_him(tables: Path, dataset: Dataset) -> None:
    """The packed vectors are the columns that models learn from, and all 700 applications are on file."""
    store = StoreInMemory()
    done = materialize(tables, store, settings=QUICK)
    assert (done.meta.clients, done.meta.applications) == (len(store.history), len(store.applications))
    assert done.meta.applications == 700
    packed = [store.history.get(i) for i in dataset.client_ids.tolist()]
    history, known = unpack(packed, len(CATALOG.history_names))
    columns = [CATALOG.index[name] for name in CATALOG.history_names]
    assert np.array_equal(history.astype(np.float64), dataset.X[:, columns], equal_nan=True)
    assert known.tolist() == dataset.has_history.tolist()


def test_applications_are_written_as_a_client_would_send_them(tables: Path) -> None:
    """JSON without what is missing, whole numbers as such, the id among them."""
    store = StoreInMemory()
    materialize(tables, store, settings=QUICK)
    rows = {row["SK_ID_CURR"]: row for row in pq.read_table(tables / "application_test.parquet").to_pylist()}
    for client, row in rows.items():
        document = json.loads(store.applications[client])
        assert document == {name: cell for name, cell in row.items() if cell is not None}
        assert isinstance(document["DAYS_BIRTH"], int)
        assert isinstance(document["AMT_CREDIT"], int), "45000.0 is written as 45000"


def test_the_same_tables_change_nothing(tables: Path) -> None:
    """The second run finds them in place and puts no row."""
    store = StoreInMemory()
    first = materialize(tables, store, settings=QUICK)
    put_before = len(store.batches)
    again = materialize(tables, store, settings=QUICK)
    assert again.unchanged
    assert not first.unchanged
    assert (again.version, again.meta) == (first.version, first.meta)
    assert len(store.batches) == put_before


@pytest.mark.usefixtures("batches_of_100")
def test_a_run_that_was_broken_off_goes_on_and_ends_with_the_same_checksum(tables: Path) -> None:
    """What is in already is not put again."""
    whole = materialize(tables, StoreInMemory(), settings=QUICK)
    store = StoreInMemory(lasts=3)
    with pytest.raises(BrokenOff):
        materialize(tables, store, settings=QUICK)
    store.lasts = 1_000
    resumed = materialize(tables, store, settings=QUICK)
    assert store.batches == [100] * 7
    assert resumed.resumed_from == sorted(store.applications)[299]
    assert resumed.meta.checksum == whole.meta.checksum
    assert resumed.meta.source == whole.meta.source


@pytest.mark.parametrize("table", ["application_train", "bureau"])
def test_a_changed_cell_is_another_source(tables: Path, folder: Path, table: str) -> None:
    """Whether in the applications or in history."""
    column = "AMT_CREDIT" if table == "application_train" else "AMT_CREDIT_SUM"
    change(folder, table, put(column, lambda t: [1.0, *t.column(column).to_pylist()[1:]]))
    store = StoreInMemory()
    first = materialize(tables, store, settings=QUICK)
    second = materialize(folder, store, settings=QUICK)
    assert not second.unchanged
    assert second.meta.source != first.meta.source
    assert second.meta.checksum != first.meta.checksum


def test_a_client_in_both_tables_is_refused(folder: Path) -> None:
    """Which of his applications is the latest cannot be told."""
    train = pq.read_table(folder / "application_train.parquet")
    test = pq.read_table(folder / "application_test.parquet")
    repeated = train.slice(0, 1).select(test.column_names).cast(test.schema)
    pq.write_table(pa.concat_tables([test, repeated]), folder / "application_test.parquet")
    with pytest.raises(TableError, match="occurs more than once"):
        materialize(folder, StoreInMemory(), settings=QUICK)


def test_a_folder_without_applications_is_refused(folder: Path) -> None:
    """History alone names nobody who applied."""
    for table in ("application_train", "application_test"):
        (folder / f"{table}.parquet").unlink()
    with pytest.raises(TableError, match="has neither application_train nor application_test"):
        materialize(folder, StoreInMemory(), settings=QUICK)
