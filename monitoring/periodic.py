"""Something that is due now and then, asked about often."""

from __future__ import annotations

import time
from collections.abc import Callable


class Periodically:
    """Calls something at most once in `every_s` seconds, measured from the end of the last call.

    clock: seconds, monotonic.
    """

    def __init__(self, every_s: float, call: Callable[[], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._every_s, self._call, self._clock = every_s, call, clock
        self._last_s = float("-inf")

    def __call__(self) -> None:
        """Call it if its time has come."""
        if self._clock() - self._last_s >= self._every_s:
            self._call()
            self._last_s = self._clock()
