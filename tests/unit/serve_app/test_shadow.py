"""What a challenger is given, and that decisions never wait for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from credit.decision import DecisionBatch, Mode
from serve_app.shadow import ShadowBatch, ShadowQueue
from serve_app.shadow_deployment import ShadowTap
from tests.fixtures.decisions import decision_batch


def shadow_batch(n: int, first_id: int = 100001) -> ShadowBatch:
    batch = ShadowBatch.of(decision_batch(n, first_id=first_id))
    assert batch is not None
    return batch


def test_only_whole_decisions_are_compared() -> None:
    """Rows decided without history or reasons are left out, their ids with them; a degraded batch leaves nothing."""
    decisions = decision_batch(4)
    mode = np.array([0, Mode.HISTORY_UNAVAILABLE, 0, Mode.REASONS_UNAVAILABLE], dtype=np.int8)
    batch = ShadowBatch.of(replace(decisions, mode=mode))
    assert batch is not None
    assert batch.decision_ids == [decisions.decision_ids[0], decisions.decision_ids[2]]
    assert batch.applications.client_ids.tolist() == decisions.applications.client_ids[[0, 2]].tolist()
    assert ShadowBatch.of(replace(decisions, mode=np.full(4, Mode.HISTORY_UNAVAILABLE, dtype=np.int8))) is None


def test_the_queue_is_bounded_by_applications() -> None:
    """What does not fit is refused, and fits again once something was taken."""
    queue = ShadowQueue(max_rows=10, batch_rows=5)
    assert [queue.offer(shadow_batch(4, i)) for i in (1, 11, 21)] == [True, True, False]
    assert len(queue) == 8
    taken = queue.take()
    assert taken is not None
    assert len(taken) == 4
    assert queue.offer(shadow_batch(6, 31))
    assert len(queue) == 10


def test_small_batches_are_joined_in_order() -> None:
    """Micro-batches of one door, one application each, are scored together, first come first."""
    queue = ShadowQueue(max_rows=100, batch_rows=8)
    for i in range(20):
        queue.offer(shadow_batch(1, 100 + i))
    taken = []
    while (batch := queue.take()) is not None:
        taken.append(batch)
    assert [len(batch) for batch in taken] == [8, 8, 4]
    clients = np.concatenate([batch.applications.client_ids for batch in taken]).tolist()
    assert clients == list(range(100, 120))
    assert len({one for batch in taken for one in batch.decision_ids}) == 20
    assert len(queue) == 0


class Counted:
    """Counts as Ray's counters do."""

    def __init__(self) -> None:
        self.by_reason: dict[str, int] = {}

    def inc(self, value: int, tags: dict[str, str]) -> None:
        self.by_reason[tags["reason"]] = self.by_reason.get(tags["reason"], 0) + value


class Metrics:
    def __init__(self) -> None:
        self.dropped = Counted()


class FakeShadow:
    """A challenger whose answers come once `open` is set; `fails` makes it raise."""

    def __init__(self, version: str | None) -> None:
        self.version, self.fails = version, False
        self.open = asyncio.Event()
        self.scored: list[str] = []

    async def challenger(self) -> str | None:
        return self.version

    async def score(self, batch: ShadowBatch) -> int:
        await self.open.wait()
        if self.fails:
            raise RuntimeError("broken")
        self.scored += batch.decision_ids
        return len(batch)


async def settled(tap: ShadowTap, decisions: DecisionBatch) -> None:
    """Offer once, so that the task starts and looks for a challenger."""
    tap.offer(decisions)
    for _ in range(20):
        await asyncio.sleep(0)


def made(version: str | None, max_rows: int = 100) -> tuple[ShadowTap, FakeShadow, Metrics]:
    shadow, metrics = FakeShadow(version), Metrics()
    unmeasured: Any = metrics
    return ShadowTap(shadow, ShadowQueue(max_rows), unmeasured, look_s=1000.0), shadow, metrics


def test_a_slow_challenger_holds_nothing_up_and_what_does_not_fit_is_counted() -> None:
    """With a challenger that never answers, offers return at once; beyond the bound they are dropped and counted."""

    async def play() -> None:
        tap, shadow, metrics = made("2", max_rows=30)
        await settled(tap, decision_batch(1))
        for i in range(10):
            tap.offer(decision_batch(10, first_id=1000 + 10 * i))
            await asyncio.sleep(0)
        # What is being scored and what waits: 30 at most each.
        dropped = metrics.dropped.by_reason["behind"]
        assert dropped >= 40
        shadow.open.set()
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(shadow.scored) == 100 - dropped
        assert set(metrics.dropped.by_reason) == {"behind"}

    asyncio.run(play())


@pytest.mark.parametrize("version", [None, "1"])
def test_without_another_version_nothing_is_queued(version: str | None) -> None:
    """No challenger, or one that is the champion itself, costs nothing and counts nothing."""

    async def play() -> None:
        tap, shadow, metrics = made(version, max_rows=10)
        shadow.open.set()
        decisions = decision_batch(20)
        assert decisions.model.version == "1"
        await settled(tap, decisions)
        tap.offer(decisions)
        for _ in range(20):
            await asyncio.sleep(0)
        assert (shadow.scored, metrics.dropped.by_reason) == ([], {})

    asyncio.run(play())


def test_a_failing_challenger_is_counted_and_tried_again() -> None:
    """A batch that cannot be scored is lost and counted; the next one is scored."""

    async def play() -> None:
        tap, shadow, metrics = made("2")
        shadow.open.set()
        shadow.fails = True
        await settled(tap, decision_batch(1))
        tap.offer(decision_batch(7))
        for _ in range(20):
            await asyncio.sleep(0)
        assert metrics.dropped.by_reason == {"failed": 7}
        shadow.fails = False
        tap.offer(decision_batch(3, first_id=500))
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(shadow.scored) == 3

    asyncio.run(play())
