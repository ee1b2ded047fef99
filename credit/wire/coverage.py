"""Which offsets of a partition have been answered: where one is missing is a gap, where one is twice an overlap."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Offsets `first` to `last`, both included."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


class Offsets:
    """A set of offsets, kept as the fewest ranges: its size is that of its holes, not of what it holds."""

    def __init__(self, held: Iterable[Span] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for span in held:
            self.add(span.first, span.last)

    def add(self, first: int, last: int) -> list[Span]:
        """Put `first` to `last` in, and return the parts of it that were in already."""
        if first > last:
            raise ValueError(f"{first} to {last} is no range")
        # Ranges from begin to end touch the new one, and become one with it.
        begin = bisect_left(self._lasts, first - 1)
        end = bisect_right(self._firsts, last + 1)
        known = [
            Span(max(first, a), min(last, b))
            for a, b in zip(self._firsts[begin:end], self._lasts[begin:end], strict=True)
            if a <= last and b >= first
        ]
        if begin < end:
            first, last = min(first, self._firsts[begin]), max(last, self._lasts[end - 1])
        self._firsts[begin:end] = [first]
        self._lasts[begin:end] = [last]
        return known

    def forget_before(self, offset: int) -> None:
        """Take all offsets below `offset` out."""
        begin = bisect_left(self._lasts, offset)
        del self._firsts[:begin], self._lasts[:begin]
        if self._firsts:
            self._firsts[0] = max(self._firsts[0], offset)

    def count(self) -> int:
        """Return how many offsets are in."""
        return sum(self._lasts) - sum(self._firsts) + len(self._firsts)

    def spans(self) -> list[Span]:
        """Return the fewest ranges that hold the offsets, in order."""
        return [Span(first, last) for first, last in zip(self._firsts, self._lasts, strict=True)]

    def __contains__(self, offset: int) -> bool:
        place = bisect_right(self._firsts, offset) - 1
        return place >= 0 and offset <= self._lasts[place]

    def holes(self, start: int, end: int) -> list[Span]:
        """Return the ranges of `start` to `end` (excluded) that are not in."""
        holes = []
        at = start
        for place in range(bisect_left(self._lasts, start), len(self._firsts)):
            first = self._firsts[place]
            if first >= end:
                break
            if first > at:
                holes.append(Span(at, first - 1))
            at = self._lasts[place] + 1
        if at < end:
            holes.append(Span(at, end - 1))
        return holes


@dataclass(slots=True)
class Coverage:
    """The answered offsets of one partition; `overlaps` holds what was answered more than once."""

    overlaps: list[Span] = field(default_factory=list)
    answered: Offsets = field(default_factory=Offsets)

    def add(self, first: int, last: int) -> None:
        """Mark `first` to `last` as answered once more."""
        self.overlaps += self.answered.add(first, last)

    def __contains__(self, offset: int) -> bool:
        return offset in self.answered

    def holes(self, start: int, end: int) -> list[Span]:
        """Return the ranges of `start` to `end` (excluded) that nothing has answered."""
        return self.answered.holes(start, end)


def spans(offsets: Iterable[int]) -> list[Span]:
    """Return offsets as ranges, in order."""
    found: list[Span] = []
    for offset in sorted(set(offsets)):
        if found and found[-1].last + 1 == offset:
            found[-1] = Span(found[-1].first, offset)
        else:
            found.append(Span(offset, offset))
    return found
