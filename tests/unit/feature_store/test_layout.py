"""What all backends agree on."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.errors import SettingsError
from feature_store.layout import (
    MAX_CLIENT,
    Building,
    StoreMeta,
    check_features,
    client_key,
    pack,
    prefix_ranges,
    read_building,
    read_meta,
    unpack,
    version_name,
)

HASH = "0123456789abcdef" * 4
META = StoreMeta(HASH, 3, 4, "c" * 64, "2026-03-10T00:00:00+00:00", "s")


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**63 - 1), min_size=2, max_size=20))
def test_keys_sort_as_ids_do(clients: list[int]) -> None:
    """A scan in the order of keys is one in the order of ids, and no two ids share a key."""
    assert sorted(clients, key=client_key) == sorted(clients)
    assert len({client_key(i) for i in clients}) == len(set(clients))
    assert {len(client_key(i)) for i in clients} == {8}


@settings(deadline=None)
@given(st.integers(0, 5), st.integers(1, 4), st.integers(0, 2**32 - 1), st.data())
def test_what_is_packed_is_unpacked_bit_for_bit(n: int, width: int, seed: int, data: st.DataObject) -> None:
    """Every pattern of bits, and a row of NaNs where a client is not known."""
    bits = np.random.default_rng(seed).integers(0, 1 << 32, (n, width), dtype=np.uint32)
    there = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    packed = [vector if known else None for vector, known in zip(pack(bits.view(np.float32)), there, strict=True)]
    history, known = unpack(packed, width)
    assert history.shape == (n, width)
    assert known.tolist() == there
    assert history[known].view(np.uint32).tolist() == bits[known].tolist()
    assert np.isnan(history[~known]).all()


def test_a_big_endian_machine_would_write_the_same_bytes() -> None:
    """The byte order is the layout's, not the array's."""
    assert pack(np.array([[1.0, -2.0]], dtype=">f4")) == [b"\x00\x00\x80\x3f\x00\x00\x00\xc0"]


def test_vectors_of_another_length_are_refused() -> None:
    """A truncated vector does not shift its neighbours."""
    with pytest.raises(SettingsError, match="another length"):
        unpack([b"1234"], 3)


def test_a_version_describes_itself_and_is_read_back() -> None:
    """What `to_json` writes `read_meta` reads."""
    assert read_meta(META.to_json()) == META


@pytest.mark.parametrize("document", [None, b"", b"not JSON", b"{}", b"[]", b'{"history_hash": "h"}'])
def test_what_does_not_describe_a_version_is_none(document: bytes | None) -> None:
    """A version that cannot say what it holds is as good as none."""
    assert read_meta(document) is None
    with pytest.raises(SettingsError, match="another version of the catalog"):
        check_features(read_meta(document), HASH, "here")


def test_only_features_of_the_same_hash_pass() -> None:
    """One that differs in the last letter is another catalog."""
    check_features(META, HASH, "here")
    with pytest.raises(SettingsError, match="features in here"):
        check_features(META, HASH[:-1] + "0", "here")


def test_versions_are_named_by_their_features_and_number() -> None:
    """The name tells an operator which catalog a version is of."""
    assert version_name(HASH, 12) == "0123456789abcdef-12"


def test_progress_is_read_back_also_where_it_has_no_name() -> None:
    """LMDB builds in a folder without a name of its own, and Redis under the version's."""
    for building in (Building("s", 17), Building("s", 17, "v-1")):
        assert read_building(building.to_json()) == building
    assert read_building(json.dumps({"source": "s", "filled_to": 17}).encode()) == Building("s", 17)
    assert read_building(None) is None


def test_the_ranges_of_a_prefix_hold_exactly_the_ids_that_begin_with_it() -> None:
    """Every id up to some thousands, and the largest there is, is in a range if and only if its digits begin so."""
    for prefix in ("1", "9", "0", "12", "100", "9223372036854775807"):
        ranges = prefix_ranges(prefix)
        for client in (*range(1, 13_000), MAX_CLIENT - 1, MAX_CLIENT):
            within = any(first <= client <= last for first, last in ranges)
            assert within == str(client).startswith(prefix)
    assert prefix_ranges("") == [(1, MAX_CLIENT)]
