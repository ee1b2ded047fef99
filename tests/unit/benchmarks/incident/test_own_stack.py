"""A stack that an incident may break."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.incident.own_stack import Windows, _clear
from credit.errors import SettingsError
from monitoring.settings import MonitorSettings


def test_the_windows_are_settings_that_the_monitor_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The short windows reach the monitor's plan."""
    for name, value in Windows(90, 180).environment().items():
        monkeypatch.setenv(name, value)
    plan = MonitorSettings().plan()
    assert [w.length_s for w in plan.windows[:2]] == [90, 180]


def test_a_home_in_use_is_left_alone(tmp_path: Path) -> None:
    """Only a home that an incident made loses its streams, and keeps its model; any other folder is refused."""
    (tmp_path / "used" / "kafka").mkdir(parents=True)
    with pytest.raises(SettingsError, match="not made by an incident"):
        _clear(tmp_path / "used")
    assert (tmp_path / "used" / "kafka").is_dir()
    _clear(tmp_path / "new")
    for name in ("kafka", "mlruns"):
        (tmp_path / "new" / name).mkdir()
    _clear(tmp_path / "new")
    assert [(tmp_path / "new" / name).is_dir() for name in ("kafka", "mlruns")] == [False, True]
