"""What a feature store promises, held against every backend: the embedded LMDB and a real Redis."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import redis

from credit.errors import DependencyUnavailable, SettingsError
from feature_store.layout import ClientValue, StoreMeta, pack
from feature_store.store import FeatureStore, FeatureWriter, open_store, open_writer

pytestmark = pytest.mark.integration

HASH = "0123456789abcdef" * 4
WIDTH = 3


class Backend(ABC):
    """One store, on which each call opens another writer or reader, as another process would."""

    def __init__(self, root: Path, url: str | None = None) -> None:
        self._root, self._url = root, url

    def writer(self) -> FeatureWriter:
        return open_writer(self._root, self._url)

    def reader(self, history_hash: str = HASH, width: int = WIDTH) -> FeatureStore:
        return open_store(self._root, self._url, history_hash, width)

    @abstractmethod
    def versions(self) -> set[str]:
        """Return the versions that take room, finished or not."""


class Lmdb(Backend):
    def versions(self) -> set[str]:
        return {folder.name for folder in self._root.iterdir() if folder.is_dir()}


class Redis(Backend):
    def versions(self) -> set[str]:
        assert self._url is not None
        keys: Iterator[bytes] = redis.Redis.from_url(self._url).scan_iter("loanstream:*:*")
        return {key.decode().split(":")[1] for key in keys}


@pytest.fixture(params=["lmdb", "redis"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    if request.param == "lmdb":
        return Lmdb(tmp_path / "store")
    return Redis(tmp_path / "store", request.getfixturevalue("redis_url"))


def ids(*clients: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(clients, dtype=np.int64)


def vectors(rows: dict[int, list[float]]) -> list[ClientValue]:
    return list(zip(rows, pack(np.array(list(rows.values()), dtype=np.float32)), strict=True))


def application(client: int) -> ClientValue:
    return client, b'{"SK_ID_CURR":%d}' % client


def meta(source: str, history_hash: str = HASH) -> StoreMeta:
    return StoreMeta(history_hash, 1, 1, "c" * 64, "2026-03-10T00:00:00+00:00", source)


def fill(backend: Backend, rows: dict[int, list[float]], source: str = "s", history_hash: str = HASH) -> str:
    """Write a version with one application more than vectors, and swap it in."""
    writer = backend.writer()
    writer.begin(source, history_hash)
    last = max(rows)
    writer.put(vectors(rows), [application(i) for i in (*rows, last + 1)], last + 1)
    return writer.finish(meta(source, history_hash))


def test_an_empty_store_is_retryable_and_says_what_to_run(backend: Backend) -> None:
    """The graph degrades meanwhile; a writer finds no version."""
    assert backend.writer().current() is None
    with pytest.raises(DependencyUnavailable, match="loanstream materialize"):
        backend.reader().history(ids(1))
    with pytest.raises(DependencyUnavailable, match="loanstream materialize"):
        backend.reader().applications(ids(1))


def test_vectors_come_back_in_the_order_asked_and_strangers_are_marked(backend: Backend) -> None:
    """A client without history is all NaN and known=False; order and repetition are the caller's."""
    fill(backend, {7: [1, 2, 3], 9: [4, 5, float("nan")]})
    history, known = backend.reader().history(ids(9, 5, 7, 9))
    assert known.tolist() == [True, False, True, True]
    assert np.isnan(history[1]).all()
    assert history[2].tolist() == [1, 2, 3]
    assert history[0].tobytes() == history[3].tobytes() == np.array([4, 5, np.nan], dtype="<f4").tobytes()


def test_any_float_and_any_id_come_back_bit_for_bit(backend: Backend) -> None:
    """Signed zeros, infinities, denormals and NaNs as they were put, ids beyond 32 bits under keys of their own."""
    bits = np.random.default_rng(0).integers(0, 1 << 32, (50, WIDTH), dtype=np.uint32)
    clients = [*range(1, 26), *range(1 << 40, (1 << 40) + 25)]
    writer = backend.writer()
    writer.begin("s", HASH)
    writer.put(list(zip(clients, pack(bits.view(np.float32)), strict=True)), [], clients[-1])
    writer.finish(meta("s"))
    history, known = backend.reader().history(ids(*clients))
    assert known.all()
    assert history.view(np.uint32).tolist() == bits.tolist()


def test_applications_on_file(backend: Backend) -> None:
    """The application as it was put, with or without history beside it, or None."""
    fill(backend, {7: [1, 2, 3]})
    found = backend.reader().applications(ids(8, 7, 6))
    assert found == [application(8)[1], application(7)[1], None]


def test_clients_are_found_by_the_digits_they_begin_with(backend: Backend) -> None:
    """Those with an application, shortest first, and no more than asked for; history alone is no client on file."""
    writer = backend.writer()
    writer.begin("s", HASH)
    writer.put(vectors({12: [1, 2, 3], 13: [1, 2, 3]}), [application(i) for i in (1, 12, 99)], 99)
    writer.put([], [application(i) for i in (100, 120, 121, 1200, 13_000, (1 << 63) - 1)], 1 << 62)
    writer.finish(meta("s"))
    reader = backend.reader()
    assert reader.clients("12", 10) == [12, 120, 121, 1200]
    assert reader.clients("12", 2) == [12, 120]
    assert reader.clients("1", 10) == [1, 12, 100, 120, 121, 1200, 13_000]
    assert reader.clients("13", 10) == [13_000]
    assert reader.clients("", 3) == [1, 12, 99]
    assert reader.clients("7", 3) == []
    assert reader.clients("9223372036854775807", 3) == [(1 << 63) - 1]


def test_a_redis_filled_by_an_older_version_is_filled_again(redis_url: str, tmp_path: Path) -> None:
    """Its clients cannot be searched; what it holds is read until the new version is in."""
    backend = Redis(tmp_path, redis_url)
    version = fill(backend, {7: [1, 2, 3]})
    redis.Redis.from_url(redis_url).delete(f"loanstream:{version}:ids")
    assert backend.writer().current() is None
    assert backend.reader().clients("7", 10) == []
    assert backend.reader().history(ids(7))[1].tolist() == [True]
    fill(backend, {7: [1, 2, 3]})
    assert backend.writer().current() is not None
    assert backend.reader().clients("7", 10) == [7]


def test_nobody_is_nobody(backend: Backend) -> None:
    """n = 0 gives arrays of no rows."""
    fill(backend, {7: [1, 2, 3]})
    history, known = backend.reader().history(ids())
    assert (history.shape, known.shape) == ((0, WIDTH), (0,))
    assert backend.reader().applications(ids()) == []


def test_readers_see_the_old_version_until_the_new_one_is_whole(backend: Backend) -> None:
    """A running reader is not disturbed by what is being built, and takes it up once it is swapped in."""
    first = fill(backend, {7: [1, 2, 3], 8: [0, 0, 0]}, "a")
    reader = backend.reader()
    assert reader.history(ids(7))[0][0, 0] == 1
    writer = backend.writer()
    writer.begin("b", HASH)
    writer.put(vectors({7: [10, 2, 3]}), [], 7)
    assert reader.history(ids(7))[0][0, 0] == 1
    assert backend.writer().current() == (first, meta("a"))
    second = writer.finish(meta("b"))
    history, known = reader.history(ids(7, 8))
    assert history[0, 0] == 10
    assert known.tolist() == [True, False], "nothing of the version before shines through"
    assert second != first
    assert backend.writer().current() == (second, meta("b"))


def test_readers_of_one_process_do_not_stand_in_each_other_s_way(backend: Backend) -> None:
    """A graph of one process has a lookup and a shadow: both read the same version, and both the next."""
    readers = [backend.reader(), backend.reader()]
    for value in (1.0, 2.0):
        fill(backend, {7: [value, 0, 0]}, source=str(value))
        assert [reader.history(ids(7))[0][0, 0] for reader in readers] == [value, value]


def test_a_lookup_is_answered_from_one_version_whatever_is_swapped_in_meanwhile(backend: Backend) -> None:
    """Two threads share a reader while twenty versions come and go; no answer mixes two of them."""
    fill(backend, {1: [0, 0, 0], 2: [0, 0, 0]}, source="0")
    reader = backend.reader()
    latest = [-1.0, -1.0]
    done = threading.Event()

    def look_up(thread: int) -> set[float]:
        """Return how far apart the two clients' values ever were."""
        apart = set()
        while not done.is_set():
            history, _ = reader.history(ids(1, 2))
            apart.add(float(history[0, 0] - history[1, 0]))
            latest[thread] = float(history[0, 0])
        return apart

    with ThreadPoolExecutor(2) as pool:
        lookups = [pool.submit(look_up, thread) for thread in range(2)]
        try:
            for value in range(1, 21):
                fill(backend, {1: [value, 0, 0], 2: [value, 0, 0]}, source=str(value))
                # Versions are kept for readers one swap behind, so each is seen before the next but one is built.
                while min(latest) < value and not any(lookup.done() for lookup in lookups):
                    pass
        finally:
            done.set()
        assert [lookup.result() for lookup in lookups] == [{0.0}, {0.0}]
    assert latest == [20.0, 20.0]


def test_a_version_that_was_broken_off_goes_on_where_it_stood(backend: Backend) -> None:
    """Another writer of the same source is told up to which client it is filled, and what was put is in."""
    broken = backend.writer()
    assert broken.begin("a", HASH) == 0
    broken.put(vectors({1: [1, 1, 1]}), [application(1)], 1)
    broken.put(vectors({5: [5, 5, 5]}), [application(5)], 5)
    del broken
    writer = backend.writer()
    assert writer.begin("a", HASH) == 5
    writer.put(vectors({9: [9, 9, 9]}), [application(9)], 9)
    writer.finish(meta("a"))
    history, known = backend.reader().history(ids(1, 5, 9))
    assert known.all()
    assert history[:, 0].tolist() == [1, 5, 9]
    assert backend.writer().begin("a", HASH) == 0, "a finished version is not gone on with"


def test_what_was_begun_from_another_source_is_thrown_away(backend: Backend) -> None:
    """Rows of the tables before never get into a version of the new ones."""
    broken = backend.writer()
    broken.begin("a", HASH)
    broken.put(vectors({1: [1, 1, 1]}), [application(1)], 1)
    del broken
    writer = backend.writer()
    assert writer.begin("b", HASH) == 0
    writer.put(vectors({2: [2, 2, 2]}), [application(2)], 2)
    version = writer.finish(meta("b"))
    assert backend.reader().history(ids(1, 2))[1].tolist() == [False, True]
    assert backend.reader().applications(ids(1)) == [None]
    assert backend.versions() == {version}


def test_the_last_two_versions_are_kept(backend: Backend) -> None:
    """A reader that has not looked yet still finds the version it reads; older ones take no room."""
    versions = [fill(backend, {7: [i, 0, 0]}, source=f"s{i}") for i in range(4)]
    assert len(set(versions)) == 4
    assert all(version.startswith(HASH[:16]) for version in versions)
    assert backend.versions() == set(versions[-2:])


def test_features_of_another_catalog_are_never_read(backend: Backend) -> None:
    """Vectors packed in another order would be silent nonsense: both kinds of lookup refuse."""
    fill(backend, {7: [1, 2, 3]}, history_hash="f" * 64)
    with pytest.raises(SettingsError, match="another version of the catalog"):
        backend.reader().history(ids(7))
    with pytest.raises(SettingsError, match="another version of the catalog"):
        backend.reader().applications(ids(7))


def test_a_running_reader_refuses_a_version_of_another_catalog(backend: Backend) -> None:
    """The hash is looked at with every new version, not only the first."""
    fill(backend, {7: [1, 2, 3]}, "a")
    reader = backend.reader()
    reader.history(ids(7))
    fill(backend, {7: [3, 2, 1]}, "b", history_hash="f" * 64)
    with pytest.raises(SettingsError, match="another version of the catalog"):
        reader.history(ids(7))


def test_vectors_of_another_length_are_refused(backend: Backend) -> None:
    """A store filled for fewer features does not shift a client's values."""
    fill(backend, {7: [1, 2, 3]})
    with pytest.raises(SettingsError, match="another length"):
        backend.reader(width=WIDTH + 1).history(ids(7))
