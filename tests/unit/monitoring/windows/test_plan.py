"""Which windows and panes there are."""

from __future__ import annotations

import pytest

from credit.errors import SettingsError
from monitoring.windows.plan import RollingWindow, WindowPlan


def test_panes_must_nest() -> None:
    """A plan whose panes do not fit into each other is refused in one line."""
    with pytest.raises(SettingsError, match="multiple of the finest"):
        WindowPlan((RollingWindow("short", 60, 7), RollingWindow("long", 600, 10)))
