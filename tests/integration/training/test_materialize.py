"""From tables to the online stores, with real LMDB and Redis."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from credit.errors import DependencyUnavailable
from credit.features import CATALOG
from streaming.broker.ports import free_port
from training.settings import TrainingSettings
from training.store.materialize import FeatureWriter, materialize
from training.stores import LmdbWriter, RedisWriter

pytestmark = pytest.mark.integration

QUICK = TrainingSettings(trees=40, folds=3, learning_rate=0.1, most_features=40)


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this test's own on a free port."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed on this machine")
    port = free_port()
    folder = tmp_path_factory.mktemp("redis")
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    import redis

    client = redis.Redis(port=port)
    deadline = time.monotonic() + 30
    while True:
        try:
            client.ping()
            break
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(10)


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
def writer(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Makes writers onto one store, as each run of `materialize` does."""
    if request.param == "lmdb":
        return lambda: LmdbWriter(tmp_path / "store")
    url = request.getfixturevalue("redis_url")
    import redis

    redis.Redis.from_url(url).flushall()
    return lambda: RedisWriter(url)


def test_materialising_twice_changes_nothing(writer: Any, tables: Path) -> None:
    """The second run finds the same tables in place."""
    made = materialize(tables, writer())
    again = materialize(tables, writer())
    assert made.meta.applications == 2_300
    assert 0 < made.meta.clients <= 2_300
    assert again.unchanged
    assert (again.version, again.meta) == (made.version, made.meta)


def test_a_run_that_was_broken_off_is_taken_up(writer: Any, tables: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on where it stood and ends with the same checksum; until then readers see the old version."""
    monkeypatch.setattr("training.store.materialize._BATCH", 500)
    with pytest.raises(KeyboardInterrupt):
        materialize(tables, BreaksOff(writer(), 2))
    assert writer().current() is None
    resumed = materialize(tables, writer())
    assert resumed.resumed_from > 0
    assert writer().current() == (resumed.version, resumed.meta)


def test_other_tables_are_swapped_in_and_old_versions_dropped(writer: Any, tables: Path, tmp_path: Path) -> None:
    """Readers go from one whole version to the next; the last two are kept."""
    versions = [materialize(tables, writer()).version]
    data = Path(shutil.copytree(tables, tmp_path / "data"))
    for rows in (200, 100):
        part = pq.read_table(data / "application_test.parquet").slice(0, rows)
        pq.write_table(part, data / "application_test.parquet")
        made = materialize(data, writer())
        versions.append(made.version)
        assert made.meta.applications == 2_000 + rows
    assert len(set(versions)) == 3


def test_vectors_in_lmdb_are_the_training_tables(tables: Path, tmp_path: Path) -> None:
    """What a reader unpacks is what training aggregated, bit for bit, under the key both agree on."""
    import lmdb

    from training.data.dataset import load_dataset

    made = materialize(tables, LmdbWriter(tmp_path))
    assert (tmp_path / "CURRENT").read_text().strip() == made.version
    data = load_dataset(tables, QUICK)
    columns = [CATALOG.index[name] for name in CATALOG.history_names]
    with lmdb.open(str(tmp_path / made.version), readonly=True, lock=False, max_dbs=4) as env, env.begin() as txn:
        history = env.open_db(b"history", txn, create=False)
        for i in range(0, len(data.y), 111):
            value = txn.get(int(data.client_ids[i]).to_bytes(8, "big"), db=history)
            expected = data.X[i, columns]
            if value is None:
                assert np.isnan(expected).all()
            else:
                assert np.array_equal(np.frombuffer(value, "<f4").astype(np.float64), expected, equal_nan=True)


def test_a_redis_that_is_away_is_told(tables: Path) -> None:
    """The error is retryable and names the setting."""
    with pytest.raises(DependencyUnavailable, match="REDIS_URL"):
        materialize(tables, RedisWriter("redis://127.0.0.1:1/0"))
