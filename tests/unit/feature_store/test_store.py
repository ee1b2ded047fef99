"""Which backend the settings name."""

from __future__ import annotations

from pathlib import Path

from feature_store.lmdb import LmdbFeatureStore, LmdbFeatureWriter
from feature_store.redis import RedisFeatureStore, RedisFeatureWriter
from feature_store.store import open_store, open_writer

URL = "redis://127.0.0.1:6379/0"


def test_redis_where_a_url_is_given_and_lmdb_else(tmp_path: Path) -> None:
    """Both sides follow the same rule, so that what is written is what is read."""
    assert isinstance(open_store(tmp_path, URL, "h", 3), RedisFeatureStore)
    assert isinstance(open_writer(tmp_path, URL), RedisFeatureWriter)
    assert isinstance(open_store(tmp_path, None, "h", 3), LmdbFeatureStore)
    assert isinstance(open_writer(tmp_path, ""), LmdbFeatureWriter)


def test_opening_touches_nothing(tmp_path: Path) -> None:
    """A replica may start before the store is there."""
    open_store(tmp_path / "store", None, "h", 3)
    open_writer(tmp_path / "store", None)
    assert not (tmp_path / "store").exists()
