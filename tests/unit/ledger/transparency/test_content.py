"""The bytes that a receipt commits to, read back as they were."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest

from credit.wire.audit import decode_audit, encode_audit
from ledger.transparency.content import ContentRefused, PersonalParts, read_contents
from tests.fixtures.decisions import decision_batch


def parts(n: int) -> PersonalParts:
    return PersonalParts.of(decode_audit(encode_audit(decision_batch(n), "kafka", [])), range(n))


def test_contents_read_back_to_the_bit() -> None:
    """Ids, features (missing ones too) and contributions come back as they went in."""
    before = parts(5)
    before.features[2, 1] = np.nan
    after = read_contents(before.contents())
    assert after.application_ids == before.application_ids
    for name in ("client_ids", "reason_feature", "reason_share", "features", "contributions", "application"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))


def test_rows_are_picked_from_a_record() -> None:
    """Only the rows that are named are taken, in their order."""
    record = decode_audit(encode_audit(decision_batch(5), "kafka", []))
    some, every = PersonalParts.of(record, [3, 1]), parts(5)
    assert some.contents() == [every.contents()[3], every.contents()[1]]


def test_a_stranger_reads_a_content_with_struct_alone() -> None:
    """The layout is the one that is written down: fixed offsets, little-endian, the application's id at the end."""
    before = parts(1)
    content = before.contents()[0]
    width = before.features.shape[1]
    magic, told, client = struct.unpack_from("<4sIq", content)
    features = struct.unpack_from(f"<{width}d", content, 40)
    contributions = struct.unpack_from(f"<{width}f", content, 40 + 8 * width)
    assert (magic, told, client) == (b"LSC2", width, before.client_ids[0])
    np.testing.assert_array_equal(features, before.features[0])
    np.testing.assert_array_equal(np.float32(contributions), before.contributions[0])
    (columns,) = struct.unpack_from("<I", content, 40 + 12 * width)
    application = struct.unpack_from(f"<{columns}d", content, 44 + 12 * width)
    assert before.application is not None
    np.testing.assert_array_equal(application, before.application[0])
    assert content[44 + 12 * width + 8 * columns :].decode() == before.application_ids[0]


def test_a_decision_of_before_applications_were_kept_has_the_bytes_it_had() -> None:
    """Its receipt commits to them: the older layout, to the byte."""
    before = replace(parts(3), application=None)
    contents = before.contents()
    width = before.features.shape[1]
    assert {content[:4] for content in contents} == {b"LSC1"}
    assert contents[0][40 + 12 * width :].decode() == before.application_ids[0]
    after = read_contents(contents)
    assert after.application is None
    assert after.contents() == contents


_CUT = [b"", b"LSC1", b"LSC3" + bytes(100), b"LSC1" + bytes(8), b"LSC2" + bytes(39), b"LSC2" + b"\xff" * 60]


@pytest.mark.parametrize("content", _CUT)
def test_another_layout_is_refused(content: bytes) -> None:
    """Cut short, or of another version: refused in our own words."""
    with pytest.raises(ContentRefused):
        read_contents([content])


def test_two_models_are_not_read_together() -> None:
    """Rows of different widths are not taken for one model's, and an id that is no text is refused."""
    content = parts(1).contents()[0]
    other = content[:4] + b"\x01\0\0\0" + content[8:]
    with pytest.raises(ContentRefused, match="neighbours"):
        read_contents([content, other])
    with pytest.raises(ContentRefused, match="no text"):
        read_contents([content + b"\xff"])


def test_hashes_are_salted_one_by_one() -> None:
    """Each content is hashed under its own salt."""
    rows = parts(2)
    one, two = rows.hashes([b"a" * 32, b"b" * 32])
    assert one != two
    assert rows.hashes([b"a" * 32, b"a" * 32])[0] == one
