"""Times on an axis: the bank's own clock, written so that no language is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desk.words.formats import local_time


def clock(at_ms: int) -> str:
    """A time as plotly reads it, without its zone."""
    return local_time(at_ms).replace(tzinfo=None).isoformat(timespec="milliseconds")


def time_axis(times_ms: Sequence[int]) -> dict[str, Any]:
    """How an axis over these times is written: hours within two days, days beyond."""
    span = max(times_ms) - min(times_ms) if times_ms else 0
    return {"type": "date", "tickformat": "%H:%M" if span < 2 * 86_400_000 else "%d/%m", "nticks": 8}
