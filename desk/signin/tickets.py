"""How a token that Streamlit's script was given reaches a cookie that no script can read.

A script speaks to the browser over a socket, which can set no cookie. So the script makes a ticket, the page's own
desk.js hands it in at once, and the answer to that sets the cookie, or deletes it.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_VALID_S: Final = 60.0
_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class _Ticket:
    token: str | None
    until: float


class SessionTickets:
    """Tickets of one process; each is good once, within a minute."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._tickets: dict[str, _Ticket] = {}
        self._lock = threading.Lock()

    def issue(self, token: str | None) -> str:
        """Return a ticket for a token that is to be kept, or for None, which ends what is kept."""
        number = secrets.token_urlsafe(24)
        now = self._monotonic()
        with self._lock:
            self._tickets = {name: one for name, one in self._tickets.items() if one.until > now}
            while len(self._tickets) >= _MOST:
                self._tickets.pop(next(iter(self._tickets)))
            self._tickets[number] = _Ticket(token, now + _VALID_S)
        return number

    def redeem(self, number: str) -> tuple[bool, str | None]:
        """Return whether a ticket is good, and its token."""
        with self._lock:
            found = self._tickets.pop(number, None)
        if found is None or found.until <= self._monotonic():
            return False, None
        return True, found.token


# One process serves the script and the route, which know each other by nothing else.
TICKETS: Final = SessionTickets()
