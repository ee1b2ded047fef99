"""Which windows and panes there are."""

from __future__ import annotations

import pytest

from credit.errors import SettingsError
from monitoring.windows.plan import RollingWindow, WindowPlan


def test_panes_must_nest() -> None:
    """A plan whose panes do not fit into each other is refused in one line."""
    with pytest.raises(SettingsError, match="multiple of the finest"):
        WindowPlan((RollingWindow("short", 60, 7), RollingWindow("long", 600, 10)))


def test_a_pane_is_kept_as_long_as_a_window_can_reach_it() -> None:
    """Windows of the same pane share a ring of the longest; the earlier period's reaches behind the longest window."""
    plan = WindowPlan(
        (RollingWindow("short", 60, 10), RollingWindow("medium", 300, 10), RollingWindow("long", 600, 30)),
        history_s=1200,
        history_pane_s=60,
    )
    assert plan.rings() == {10_000: 310_000, 30_000: 630_000, 60_000: (600 + 1200 + 60) * 1000}
