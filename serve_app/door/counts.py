"""Answered requests, counted in memory and told to Ray now and then: a counter of Ray's costs more than a header."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol

_EVERY_S = 1.0


class RequestReport(Protocol):
    """Who is told of several requests at once."""

    def count(self, requests: Mapping[tuple[str, int], int], seconds: Iterable[tuple[str, float]]) -> None:
        """Count answered requests by path and status, and the time of each by its path."""


class RequestCounts:
    """Counts requests between two reports; nothing is scheduled while none come."""

    def __init__(self, report: RequestReport, every_s: float = _EVERY_S) -> None:
        self._report, self._every_s = report, every_s
        self._requests: Counter[tuple[str, int]] = Counter()
        self._seconds: list[tuple[str, float]] = []
        self._due = False

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count one answered request; call it on the event loop."""
        self._requests[path, status] += 1
        self._seconds.append((path, seconds))
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_later(self._every_s, self.report)

    def report(self) -> None:
        """Tell Ray what came since the last report."""
        self._due = False
        requests, self._requests = self._requests, Counter()
        seconds, self._seconds = self._seconds, []
        self._report.count(requests, seconds)
