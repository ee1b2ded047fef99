"""What is personal of a decision, packed and unpacked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from credit.wire.audit import SourceRange, decode_audit, encode_audit
from ledger.store.payload import pack, unpack
from tests.fixtures.decisions import decision_batch


def test_every_bit_comes_back() -> None:
    """NaN, infinities, negative zero, tiny and huge values, and names of any script."""
    batch = decision_batch(4)
    odd = [np.nan, np.inf, -np.inf, -0.0, 5e-324, 1.7976931348623157e308]
    batch.features[1, : len(odd)] = odd
    batch.contributions[2, 0] = -0.0
    batch.applications.values[0, :4] = [np.nan, -1.0, -0.0, 5e-324]
    batch.applications.application_ids[3] = "заявка-ä-1"
    record = decode_audit(encode_audit(batch, "kafka", [SourceRange("a", 0, 0, 3)]))
    for row, packed in enumerate(pack(record)):
        got = unpack(packed)
        assert got.features.tobytes() == np.ascontiguousarray(record.features[row]).tobytes()
        assert got.contributions.tobytes() == np.ascontiguousarray(record.contributions[row]).tobytes()
        assert got.reason_feature.tolist() == record.reason_feature[row].tolist()
        assert got.reason_share.tobytes() == record.reason_share[row].tobytes()
        assert got.application is not None
        assert got.application.tobytes() == batch.applications.values[row].tobytes()
        assert (got.client_id, got.application_id) == (record.client_ids[row], record.application_ids[row])


def test_what_was_packed_before_applications_were_kept_is_read_too() -> None:
    """A record without them gives the older layout, whose parts have none."""
    record = decode_audit(encode_audit(decision_batch(2), "kafka", []))
    former, latter = pack(replace(record, application=None)), pack(record)
    assert {packed[0] for packed in former} == {1}
    for one, other in zip(map(unpack, former), map(unpack, latter), strict=True):
        assert one.application is None
        assert one.features.tobytes() == other.features.tobytes()
        assert one.contributions.tobytes() == other.contributions.tobytes()
        assert one.application_id == other.application_id


def test_nothing_is_packed_of_nothing() -> None:
    """A record of rejections alone has no rows."""
    record = decode_audit(encode_audit(decision_batch(0), "http", []))
    assert pack(record) == []


def test_an_unknown_version_is_refused() -> None:
    """A later layout is not read as this one."""
    (packed,) = pack(decode_audit(encode_audit(decision_batch(1), "http", [])))
    with pytest.raises(ValueError, match="version 9"):
        unpack(b"\x09" + packed[1:])
