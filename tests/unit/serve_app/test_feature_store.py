"""The embedded feature store, read."""

from __future__ import annotations

import json
from pathlib import Path

import lmdb
import numpy as np
import pytest

from credit.errors import DependencyUnavailable, SettingsError
from serve_app.feature_store import LmdbFeatureStore, client_key, unpack

WIDTH = 3
HASH = "h" * 64


def materialize(root: Path, name: str, vectors: dict[int, list[float]], history_hash: str = HASH) -> None:
    """Write an environment as `training.store.materialize` documents it and swap it in."""
    root.mkdir(exist_ok=True)
    env = lmdb.open(str(root / name), max_dbs=4, map_size=1 << 20)
    databases = {key: env.open_db(key.encode()) for key in ("history", "applications", "meta")}
    with env.begin(write=True) as txn:
        for client, vector in vectors.items():
            txn.put(client_key(client), np.array(vector, dtype="<f4").tobytes(), db=databases["history"])
            txn.put(client_key(client), json.dumps({"SK_ID_CURR": client}).encode(), db=databases["applications"])
        txn.put(b"meta", json.dumps({"history_hash": history_hash}).encode(), db=databases["meta"])
    env.close()
    (root / "CURRENT.tmp").write_text(name + "\n")
    (root / "CURRENT.tmp").replace(root / "CURRENT")


def ids(*clients: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(clients, dtype=np.int64)


def test_vectors_come_back_in_the_order_asked_and_strangers_are_marked(tmp_path: Path) -> None:
    """A client without history is all NaN and known=False; order and repetition are the caller's."""
    materialize(tmp_path, "a", {7: [1, 2, 3], 9: [4, 5, float("nan")]})
    history, known = LmdbFeatureStore(tmp_path, HASH, WIDTH).history(ids(9, 5, 7, 9))
    assert known.tolist() == [True, False, True, True]
    assert np.isnan(history[1]).all()
    assert history[2].tolist() == [1, 2, 3]
    assert history[0, :2].tolist() == history[3, :2].tolist() == [4, 5]


def test_applications_on_file(tmp_path: Path) -> None:
    """The application row as JSON, or None."""
    materialize(tmp_path, "a", {7: [1, 2, 3]})
    found = LmdbFeatureStore(tmp_path, HASH, WIDTH).applications(ids(7, 8))
    assert found == [b'{"SK_ID_CURR": 7}', None]


def test_a_new_materialisation_is_taken_up_by_a_running_reader(tmp_path: Path) -> None:
    """Swapping CURRENT is all it takes."""
    materialize(tmp_path, "a", {7: [1, 2, 3]})
    store = LmdbFeatureStore(tmp_path, HASH, WIDTH)
    assert store.history(ids(7))[0][0, 0] == 1
    materialize(tmp_path, "b", {7: [10, 2, 3]})
    assert store.history(ids(7))[0][0, 0] == 10


def test_no_store_yet_is_retryable_and_says_what_to_run(tmp_path: Path) -> None:
    """The graph degrades meanwhile; the message names the command."""
    with pytest.raises(DependencyUnavailable, match="loanstream materialize"):
        LmdbFeatureStore(tmp_path, HASH, WIDTH).history(ids(1))


def test_features_of_another_catalog_are_never_read(tmp_path: Path) -> None:
    """Vectors packed in another order would be silent nonsense."""
    materialize(tmp_path, "a", {7: [1, 2, 3]}, history_hash="other")
    with pytest.raises(SettingsError, match="another version"):
        LmdbFeatureStore(tmp_path, HASH, WIDTH).history(ids(7))


def test_vectors_of_another_length_are_refused() -> None:
    """A truncated vector does not shift its neighbours."""
    with pytest.raises(SettingsError, match="another length"):
        unpack([b"1234"], 3)


def test_nobody_is_nobody() -> None:
    """n = 0."""
    history, known = unpack([], 3)
    assert history.shape == (0, 3)
    assert known.shape == (0,)
