"""Which rolling windows there are, and which panes have to be kept for them."""

from __future__ import annotations

from dataclasses import dataclass

from credit.errors import SettingsError


@dataclass(frozen=True, slots=True)
class RollingWindow:
    """A rolling window: its role (`short`, `medium`, `long`), its length and the pane it moves by, in seconds."""

    name: str
    length_s: int
    pane_s: int


@dataclass(frozen=True)
class WindowPlan:
    """Which panes are kept: those of the windows, and those of the earlier period that the newest is compared with."""

    windows: tuple[RollingWindow, ...]
    history_s: int = 7 * 86400
    history_pane_s: int = 6 * 3600
    lateness_s: int = 3600

    def __post_init__(self) -> None:
        panes = sorted({*(window.pane_s for window in self.windows), self.history_pane_s})
        if any(pane % panes[0] for pane in panes):
            raise SettingsError(f"every pane must be a multiple of the finest, {panes[0]} s: {panes}")

    def rings(self) -> dict[int, int]:
        """Return, for each pane length in milliseconds, how far back its panes are kept, in milliseconds."""
        keep: dict[int, int] = {}
        for window in self.windows:
            pane = window.pane_s * 1000
            keep[pane] = max(keep.get(pane, 0), (window.length_s + window.pane_s) * 1000)
        longest = max(window.length_s for window in self.windows)
        pane = self.history_pane_s * 1000
        keep[pane] = max(keep.get(pane, 0), (longest + self.history_s + self.history_pane_s) * 1000)
        return keep
