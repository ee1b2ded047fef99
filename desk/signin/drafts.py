"""What people have typed and not sent, kept in memory by person for some hours, so that a new sign-in finds it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

# Where a session holds its person's drafts.
DRAFTS: Final = "desk.drafts"
_KEPT_S: Final = 12 * 3600.0
_PERSONS: Final = 500


class KeptDrafts:
    """Drafts by person: of the last 500, each for twelve hours after its last sign-in; never on a disk."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._kept: OrderedDict[str, tuple[float, dict[str, str]]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, person: str) -> dict[str, str]:
        """Return a person's drafts by name, which all sessions of that person share."""
        now = self._monotonic()
        with self._lock:
            self._kept = OrderedDict((who, one) for who, one in self._kept.items() if now - one[0] < _KEPT_S)
            drafts = self._kept[person][1] if person in self._kept else {}
            self._kept[person] = (now, drafts)
            self._kept.move_to_end(person)
            if len(self._kept) > _PERSONS:
                self._kept.popitem(last=False)
        return drafts

    def forget(self, person: str) -> None:
        """Drop a person's drafts: the person has signed out."""
        with self._lock:
            self._kept.pop(person, None)


# One process serves all sessions, which know each other by nothing else.
KEPT: Final = KeptDrafts()
