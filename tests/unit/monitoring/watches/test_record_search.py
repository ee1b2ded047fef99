"""Which offsets hold a record."""

from __future__ import annotations

from typing import Any

import pytest

from credit.wire.coverage import Span
from monitoring.watches.record_search import offsets_of

TOPIC = "loan-applications"


class FakeConsumer:
    """A partition that holds records at some offsets; polls return a few, and pass what is none."""

    def __init__(self, offsets: list[int], end: int) -> None:
        self._offsets, self._end, self._at, self.seeks = offsets, end, 0, 0

    def assign(self, partitions: list[Any]) -> None:
        (self._tp,) = partitions

    def end_offsets(self, partitions: list[Any]) -> dict[Any, int]:
        return dict.fromkeys(partitions, self._end)

    def seek(self, partition: Any, offset: int) -> None:
        self._at, self.seeks = offset, self.seeks + 1

    def position(self, partition: Any) -> int:
        return self._at

    def poll(self, timeout_ms: int) -> dict[Any, list[Any]]:
        from types import SimpleNamespace

        some = [o for o in self._offsets if o >= self._at][:3]
        self._at = some[-1] + 1 if some else self._end
        return {self._tp: [SimpleNamespace(offset=o) for o in some]}


def test_a_hole_is_empty_only_if_no_record_stands_there() -> None:
    """Only records within the holes are told; near holes are read through, far ones sought."""
    consumer = FakeConsumer([0, 1, 2, 4, 5, *range(7, 9001), 9002], 9005)
    holes = [Span(1, 3), Span(6, 6), Span(9001, 9004)]
    assert offsets_of(consumer, TOPIC, 0, holes) == [1, 2, 9002]
    assert consumer.seeks == 2


def test_what_cannot_be_read_is_not_taken_for_empty() -> None:
    """A hole behind the end that the broker shows raises; the look is made again."""
    from credit.errors import DependencyUnavailable

    with pytest.raises(DependencyUnavailable, match="offset 5"):
        offsets_of(FakeConsumer([0], 5), TOPIC, 0, [Span(3, 5)])
