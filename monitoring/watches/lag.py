"""How long the oldest waiting application has waited, from offsets alone.

Seen from outside the gateways, so that it still tells the truth when all of them are dead. A record at an offset was
appended before the first look at which the end had passed it: the age of that look bounds the lag from below, to within
one look (the way Burrow and kafka-lag-exporter do it).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass
class LagClock:
    """Ends of one partition over time; `keep` looks at most."""

    keep: int = 200_000
    _times: list[float] = field(default_factory=list)
    _ends: list[int] = field(default_factory=list)
    _floor: int = -1

    def observe(self, now_s: float, end: int) -> None:
        """Note the end offset (next to be written) at a time; only looks at which it moved are kept."""
        last = self._ends[-1] if self._ends else self._floor
        if end < last:
            self._times, self._ends = [], []  # the topic was made anew
            self._floor = last = -1
        if end > last:
            self._times.append(now_s)
            self._ends.append(end)
        if len(self._ends) > self.keep:
            # Days of backlog: the newest looks go, for it is the oldest waiting record that is asked for.
            del self._times[self.keep :], self._ends[self.keep :]

    def lag_s(self, now_s: float, committed: int) -> float:
        """Return the age of the record at `committed` (next to be read), 0 where nothing waits."""
        # What is committed is never asked for again: only looks at the backlog are kept.
        first = bisect_right(self._ends, committed)
        if first:
            self._floor = self._ends[first - 1]
            del self._times[:first], self._ends[:first]
        return max(now_s - self._times[0], 0.0) if self._ends else 0.0
