"""Requests counted in batches."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from serve_app.door.counts import RequestCounts


class Told:
    """What was reported."""

    def __init__(self) -> None:
        self.requests: list[dict[tuple[str, int], int]] = []
        self.seconds: list[tuple[str, float]] = []

    def count(self, requests: Mapping[tuple[str, int], int], seconds: Iterable[tuple[str, float]]) -> None:
        self.requests.append(dict(requests))
        self.seconds += seconds


def test_what_came_between_two_reports_is_told_once() -> None:
    """Each request is in exactly one report, with its time; without requests there is no report."""

    async def play() -> Told:
        told = Told()
        counts = RequestCounts(told, every_s=0.01)
        for _ in range(3):
            counts.answered("/explain", 200, 0.25)
        counts.answered("/predict", 404, 0.5)
        while not told.requests:
            await asyncio.sleep(0.005)
        counts.answered("/explain", 200, 0.125)
        while len(told.requests) < 2:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.03)
        return told

    told = asyncio.run(play())
    assert told.requests == [{("/explain", 200): 3, ("/predict", 404): 1}, {("/explain", 200): 1}]
    assert sum(seconds for _, seconds in told.seconds) == 1.375
