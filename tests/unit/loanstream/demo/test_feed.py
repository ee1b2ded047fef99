"""How fast a demo sends."""

from __future__ import annotations

import pytest

from loanstream.demo.feed import rate_for


@pytest.mark.parametrize(("total", "seconds", "rate"), [(48_744, 120, 541.6), (1000, 60, 200), (10**7, 60, 2000)])
def test_the_rate_sends_the_whole_table_in_time(total: int, seconds: float, rate: float) -> None:
    """The chosen rate sends a table in three quarters of the time, within bounds."""
    assert rate_for(total, seconds) == pytest.approx(rate, rel=1e-3)
