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

    keep: int = 4096
    _times: list[float] = field(default_factory=list)
    _ends: list[int] = field(default_factory=list)

    def observe(self, now_s: float, end: int) -> None:
        """Note the end offset (next to be written) at a time; only looks at which it moved are kept."""
        if self._ends and end < self._ends[-1]:
            self._times, self._ends = [], []  # the topic was made anew
        if not self._ends or end > self._ends[-1]:
            self._times.append(now_s)
            self._ends.append(end)
        if len(self._ends) > self.keep:
            # Thin the older half: its resolution halves, its reach stays.
            half = self.keep // 2
            self._times[:half] = self._times[:half:2]
            self._ends[:half] = self._ends[:half:2]

    def lag_s(self, now_s: float, committed: int) -> float:
        """Return the age of the record at `committed` (next to be read), 0 where nothing waits."""
        if not self._ends or committed >= self._ends[-1]:
            return 0.0
        first = bisect_right(self._ends, committed)
        return max(now_s - self._times[first], 0.0)
