"""The embedded store whose files are not as they should be; what it promises otherwise is in the backends' suite."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from credit.errors import DependencyUnavailable
from feature_store.layout import StoreMeta, pack
from feature_store.lmdb import LmdbFeatureStore, LmdbFeatureWriter

HASH = "h" * 64
META = StoreMeta(HASH, 1, 1, "c" * 64, "2026-03-10T00:00:00+00:00", "s")


def fill(root: Path, value: float) -> str:
    writer = LmdbFeatureWriter(root)
    writer.begin(f"source {value}", HASH)
    writer.put([(7, pack(np.array([[value]], dtype=np.float32))[0])], [(7, b"{}")], 7)
    return writer.finish(META)


def first_value(store: LmdbFeatureStore) -> float:
    return float(store.history(np.array([7]))[0][0, 0])


def test_a_pointer_to_nothing_is_retryable_and_built_over(tmp_path: Path) -> None:
    """A version that was deleted by hand is told by name; the next run makes another one."""
    name = fill(tmp_path, 1.0)
    shutil.rmtree(tmp_path / name)
    with pytest.raises(DependencyUnavailable, match=f"{name} cannot be read"):
        first_value(LmdbFeatureStore(tmp_path, HASH, 1))
    assert LmdbFeatureWriter(tmp_path).current() is None
    fill(tmp_path, 2.0)
    assert first_value(LmdbFeatureStore(tmp_path, HASH, 1)) == 2.0


def test_a_damaged_version_is_retryable_and_built_over(tmp_path: Path) -> None:
    """Bytes that are no LMDB never become features."""
    name = fill(tmp_path, 1.0)
    (tmp_path / name / "data.mdb").write_bytes(b"\0" * 8192)
    with pytest.raises(DependencyUnavailable, match="cannot be read"):
        first_value(LmdbFeatureStore(tmp_path, HASH, 1))
    assert LmdbFeatureWriter(tmp_path).current() is None


def test_a_reader_whose_version_breaks_keeps_what_it_had_for_later(tmp_path: Path) -> None:
    """A pointer to nothing is an outage, and over as soon as the pointer is right again."""
    fill(tmp_path, 1.0)
    store = LmdbFeatureStore(tmp_path, HASH, 1)
    assert first_value(store) == 1.0
    right = (tmp_path / "CURRENT").read_text()
    (tmp_path / "CURRENT").write_text("nowhere-9\n")
    with pytest.raises(DependencyUnavailable):
        first_value(store)
    (tmp_path / "CURRENT").write_text(right)
    assert first_value(store) == 1.0


def test_nothing_is_left_of_a_build_once_it_is_swapped_in(tmp_path: Path) -> None:
    """The folder holds the pointer and the version, and numbers go on counting."""
    names = [fill(tmp_path, 1.0)]
    assert {path.name for path in tmp_path.iterdir()} == {"CURRENT", names[0]}
    names.append(fill(tmp_path, 2.0))
    assert [name.rpartition("-")[2] for name in names] == ["1", "2"]
