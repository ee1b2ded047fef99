"""The monitor's figures, asked at its own port: completeness, lag and drift are its to tell."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

import httpx

_TIMEOUT: Final = httpx.Timeout(2.0, connect=0.5)
_KEPT_S: Final = 1.0


class MonitorStatus:
    """Asks `GET /status.json` of the monitor at most once a second; None while it does not answer.

    public_url: where a person's browser finds the monitor, the same address if None.
    """

    def __init__(
        self,
        url: str | None,
        client: httpx.Client | None = None,
        clock: Callable[[], float] = time.monotonic,
        public_url: str | None = None,
    ) -> None:
        self.url = None if url is None else url.rstrip("/")
        self.public_url = self.url if public_url is None else public_url.rstrip("/")
        self._client, self._clock = client, clock
        self._lock = threading.Lock()
        self._asked = float("-inf")
        self._told: dict[str, Any] | None = None

    def __call__(self) -> dict[str, Any] | None:
        """Return what the monitor says of itself."""
        if self.url is None:
            return None
        with self._lock:
            if self._clock() - self._asked >= _KEPT_S:
                self._told = self._ask()
                self._asked = self._clock()
            return self._told

    def _ask(self) -> dict[str, Any] | None:
        if self._client is None:
            self._client = httpx.Client(timeout=_TIMEOUT)
        try:
            answer = self._client.get(f"{self.url}/status.json")
            told: dict[str, Any] | None = answer.json() if answer.is_success else None
        except (httpx.HTTPError, ValueError):
            return None
        return told
