"""Makes guessers of passwords wait: a name's tries are few at once and slow after."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from credit.errors import RetryableError

FREE_TRIES = 5
LONGEST_WAIT_S = 60.0
_FORGOTTEN_AFTER_S = 3600.0
# Names of tries that are remembered; whoever sends more of them waits for the hashes, of which few run at once.
_NAMES = 10_000


class TooManyTries(RetryableError):
    """The name was tried too often lately: wait the seconds of `retry_after_s`, or have an admin set a new password."""

    def __init__(self, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"this name was tried too often; try again in {retry_after_s:.0f} seconds")


@dataclass(slots=True)
class _Tries:
    count: int
    last: float


class GuessBrake:
    """Counts tries by name, in this process; after five each further one waits twice as long, a minute at most.

    A try counts before it is checked, so that many at once gain nothing. Nobody is shut out for good, since anybody
    who knows a name could shut out its owner.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        self._lock = threading.Lock()

    def attempt(self, name: str) -> None:
        """Count a try; raises TooManyTries where it comes too early, and then it must not be checked."""
        now = self._monotonic()
        with self._lock:
            tries = self._tries.setdefault(name, _Tries(0, now))
            if now - tries.last > _FORGOTTEN_AFTER_S:
                tries.count = 0
            wait = tries.last + _wait_s(tries.count) - now
            if wait > 0:
                raise TooManyTries(wait)
            tries.count, tries.last = tries.count + 1, now
            self._tries.move_to_end(name)
            if len(self._tries) > _NAMES:
                self._tries.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """Forget a name's tries: it was its owner."""
        with self._lock:
            self._tries.pop(name, None)


def _wait_s(tries: int) -> float:
    return 0.0 if tries < FREE_TRIES else float(min(LONGEST_WAIT_S, 2.0 ** (tries - FREE_TRIES)))
