"""Waiting for a condition, with an end and a sentence for it."""

from __future__ import annotations

import time
from collections.abc import Callable

from credit.errors import StackError


def wait_for(holds: Callable[[], bool], timeout_s: float, problem: str, pause_s: float = 0.2) -> float:
    """Ask until a condition holds and return the seconds it took; StackError with `problem` after `timeout_s`."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > timeout_s:
            raise StackError(f"{problem} (waited {timeout_s:.0f} s)")
        time.sleep(pause_s)
    return time.monotonic() - began
