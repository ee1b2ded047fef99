"""Which offsets of a partition have been answered: where one is missing is a gap, where one is twice an overlap."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Offsets `first` to `last`, both included."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


@dataclass(slots=True)
class Coverage:
    """The answered offsets of one partition; `overlaps` holds what was answered more than once."""

    overlaps: list[Span] = field(default_factory=list)
    _firsts: list[int] = field(default_factory=list)
    _lasts: list[int] = field(default_factory=list)

    def add(self, first: int, last: int) -> None:
        """Mark `first` to `last` as answered once more."""
        if first > last:
            raise ValueError(f"{first} to {last} is no range")
        place = bisect_right(self._firsts, last)
        merged_first, merged_last = first, last
        begin = place
        while begin > 0 and self._lasts[begin - 1] >= first - 1:
            begin -= 1
            low, high = max(first, self._firsts[begin]), min(last, self._lasts[begin])
            if low <= high:
                self.overlaps.append(Span(low, high))
            merged_first = min(merged_first, self._firsts[begin])
            merged_last = max(merged_last, self._lasts[begin])
        end = place
        if end < len(self._firsts) and self._firsts[end] == last + 1:
            merged_last = max(merged_last, self._lasts[end])
            end += 1
        self._firsts[begin:end] = [merged_first]
        self._lasts[begin:end] = [merged_last]

    def __contains__(self, offset: int) -> bool:
        place = bisect_right(self._firsts, offset) - 1
        return place >= 0 and offset <= self._lasts[place]

    def holes(self, start: int, end: int) -> list[Span]:
        """Return the ranges of `start` to `end` (excluded) that nothing has answered."""
        holes = []
        at = start
        for first, last in zip(self._firsts, self._lasts, strict=True):
            if last < at:
                continue
            if first >= end:
                break
            if first > at:
                holes.append(Span(at, first - 1))
            at = last + 1
        if at < end:
            holes.append(Span(at, end - 1))
        return holes


def spans(offsets: Iterable[int]) -> list[Span]:
    """Return offsets as ranges, in order."""
    found: list[Span] = []
    for offset in sorted(set(offsets)):
        if found and found[-1].last + 1 == offset:
            found[-1] = Span(found[-1].first, offset)
        else:
            found.append(Span(offset, offset))
    return found
