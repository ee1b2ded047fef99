"""From tables to the online stores, with real LMDB and Redis."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from credit.features import CATALOG
from feature_store.store import FeatureWriter, open_store, open_writer
from training.data.dataset import load_dataset
from training.settings import TrainingSettings
from training.store.materialize import materialize

pytestmark = pytest.mark.integration

QUICK = TrainingSettings(trees=40, folds=3, learning_rate=0.1, most_features=40)


class BreaksOff:
    """A writer that dies after some batches, as a killed process would."""

    def __init__(self, inner: FeatureWriter, batches: int) -> None:
        self._inner, self._left = inner, batches
        self.current, self.begin, self.finish = inner.current, inner.begin, inner.finish

    def put(self, *arguments: Any) -> None:
        if self._left == 0:
            raise KeyboardInterrupt
        self._left -= 1
        self._inner.put(*arguments)


@pytest.fixture(params=["lmdb", "redis"])
def url(request: pytest.FixtureRequest) -> str | None:
    """Each backend in turn: None for the embedded store."""
    return None if request.param == "lmdb" else str(request.getfixturevalue("redis_url"))


@pytest.fixture
def writer(url: str | None, tmp_path: Path) -> Callable[[], FeatureWriter]:
    """Makes writers onto one store, as each run of `materialize` does."""
    return lambda: open_writer(tmp_path / "store", url)


def test_materialising_twice_changes_nothing(writer: Callable[[], FeatureWriter], tables: Path) -> None:
    """The second run finds the same tables in place."""
    done = materialize(tables, writer())
    again = materialize(tables, writer())
    assert done.meta.applications == 2_300
    assert 0 < done.meta.clients <= 2_300
    assert again.unchanged
    assert (again.version, again.meta) == (done.version, done.meta)


def test_a_run_that_was_broken_off_is_taken_up(
    writer: Callable[[], FeatureWriter], tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on where it stood and ends with the same checksum; until then readers see the old version."""
    monkeypatch.setattr("training.store.materialize._BATCH", 500)
    with pytest.raises(KeyboardInterrupt):
        materialize(tables, BreaksOff(writer(), 2))
    assert writer().current() is None
    resumed = materialize(tables, writer())
    assert resumed.resumed_from > 0
    assert writer().current() == (resumed.version, resumed.meta)


def test_other_tables_are_swapped_in_and_old_versions_dropped(
    writer: Callable[[], FeatureWriter], tables: Path, tmp_path: Path
) -> None:
    """Readers go from one whole version to the next; the last two are kept."""
    versions = [materialize(tables, writer()).version]
    data = Path(shutil.copytree(tables, tmp_path / "data"))
    for rows in (200, 100):
        part = pq.read_table(data / "application_test.parquet").slice(0, rows)
        pq.write_table(part, data / "application_test.parquet")
        done = materialize(data, writer())
        versions.append(done.version)
        assert done.meta.applications == 2_000 + rows
    assert len(set(versions)) == 3


def test_what_a_lookup_finds_is_what_training_saw(
    writer: Callable[[], FeatureWriter], url: str | None, tables: Path, tmp_path: Path
) -> None:
    """Every client's vector bit for bit as training aggregated it, and an application on file for each."""
    done = materialize(tables, writer())
    data = load_dataset(tables, QUICK)
    store = open_store(tmp_path / "store", url, CATALOG.history_hash, len(CATALOG.history_names))
    history, known = store.history(data.client_ids)
    columns = [CATALOG.index[name] for name in CATALOG.history_names]
    assert np.array_equal(history.astype(np.float64), data.X[:, columns], equal_nan=True)
    assert np.array_equal(known, data.has_history)
    assert 0 < known.sum() <= done.meta.clients
    assert None not in store.applications(data.client_ids)
