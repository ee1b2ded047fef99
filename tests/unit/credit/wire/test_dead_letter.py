"""The headers of dead letters and of what is sent again."""

from __future__ import annotations

import pytest

from credit.wire.dead_letter import HEADER_PREFIX, RETRY_ARRIVED, RETRY_OF, DeadLetterHeaders, first_arrival, retry_link


def test_every_header_of_ours_has_the_prefix() -> None:
    """Whoever strips our headers finds all of them by it."""
    aliases = [str(field.alias) for field in DeadLetterHeaders.model_fields.values()]
    assert all(alias.startswith(HEADER_PREFIX) for alias in aliases)
    assert {RETRY_OF, RETRY_ARRIVED} <= set(aliases)


@pytest.mark.parametrize(
    ("value", "link"), [(b"3:17", b"3:17"), (b"3", None), (b"a:b", None), (b"1:" + b"9" * 40, None), (None, None)]
)
def test_only_a_position_is_a_link(value: bytes | None, link: bytes | None) -> None:
    """Anybody may send a header of this name: what is no partition:offset is not repeated, whatever its size."""
    assert retry_link([("x", b"1:1"), (RETRY_OF, value)]) == link  # type: ignore[list-item]


def test_a_retry_keeps_its_first_arrival() -> None:
    """A record that is sent again is as old as the first time; nonsense in the header counts for nothing."""
    assert first_arrival([(RETRY_ARRIVED, b"1700000000000")], 1800000000000) == 1700000000000
    assert first_arrival([(RETRY_ARRIVED, b"yesterday")], 1800000000000) == 1800000000000
    assert first_arrival([(RETRY_ARRIVED, b"9" * 30)], 5) == 5
    assert first_arrival(None, 5) == 5
