"""How a long step says how far it is."""

from __future__ import annotations

from collections.abc import Callable

StepProgress = Callable[[str, float], None]
"""Called with the step's name and the part of it that is done, 0 to 1."""


def no_progress(step: str, done: float) -> None:
    """Report nothing."""
