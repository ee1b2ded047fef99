"""The calendar of partitions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.store.months import month_of, month_start_ms


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_each_moment_is_in_its_month_and_no_other(ms: int) -> None:
    """Months are half open and follow each other without a gap."""
    year, month = month_of(ms)
    assert month_start_ms(year, month) <= ms < month_start_ms(year, month + 1)


@pytest.mark.parametrize(("text", "expected"), [("2026-12-31T23:59:59", (2026, 12)), ("2027-01-01", (2027, 1))])
def test_a_year_ends_at_midnight_utc(text: str, expected: tuple[int, int]) -> None:
    """The last second of December and the first of January."""
    assert month_of(round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)) == expected
