"""A challenger is given what was decided, and decisions never wait for it."""

from __future__ import annotations

import asyncio

import pytest

from credit.decision import DecisionBatch
from serve_app.shadow.queue import ShadowBatch, ShadowQueue
from serve_app.shadow.tap import ShadowTap, TapFromThreads
from tests.fixtures.decisions import decision_batch


class Counts:
    """What was lost, by reason."""

    def __init__(self) -> None:
        self.by_reason: dict[str, int] = {}

    def lost(self, applications: int, reason: str) -> None:
        self.by_reason[reason] = self.by_reason.get(reason, 0) + applications


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


def made(version: str | None, max_rows: int = 100) -> tuple[ShadowTap, FakeShadow, Counts]:
    shadow, counts = FakeShadow(version), Counts()
    return ShadowTap(shadow, ShadowQueue(max_rows), counts, look_s=1000.0), shadow, counts


def test_a_slow_challenger_holds_nothing_up_and_what_does_not_fit_is_counted() -> None:
    """With a challenger that never answers, offers return at once; beyond the bound they are dropped and counted."""

    async def play() -> None:
        tap, shadow, counts = made("2", max_rows=30)
        await settled(tap, decision_batch(1))
        for i in range(10):
            tap.offer(decision_batch(10, first_id=1000 + 10 * i))
            await asyncio.sleep(0)
        # What is being scored and what waits: 30 at most each.
        dropped = counts.by_reason["behind"]
        assert dropped >= 40
        shadow.open.set()
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(shadow.scored) == 100 - dropped
        assert set(counts.by_reason) == {"behind"}

    asyncio.run(play())


@pytest.mark.parametrize("version", [None, "1"])
def test_without_another_version_nothing_is_queued(version: str | None) -> None:
    """No challenger, or one that is the champion itself, costs nothing and counts nothing."""

    async def play() -> None:
        tap, shadow, counts = made(version, max_rows=10)
        shadow.open.set()
        decisions = decision_batch(20)
        assert decisions.model.version == "1"
        await settled(tap, decisions)
        tap.offer(decisions)
        for _ in range(20):
            await asyncio.sleep(0)
        assert (shadow.scored, counts.by_reason) == ([], {})

    asyncio.run(play())


def test_a_failing_challenger_is_counted_and_tried_again() -> None:
    """A batch that cannot be scored is lost and counted; the next one is scored."""

    async def play() -> None:
        tap, shadow, counts = made("2")
        shadow.open.set()
        shadow.fails = True
        await settled(tap, decision_batch(1))
        tap.offer(decision_batch(7))
        for _ in range(20):
            await asyncio.sleep(0)
        assert counts.by_reason == {"failed": 7}
        shadow.fails = False
        tap.offer(decision_batch(3, first_id=500))
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(shadow.scored) == 3

    asyncio.run(play())


def test_decisions_of_the_taps_own_loop_and_of_threads_arrive() -> None:
    """On the loop itself they are handed over at once, from a thread when the loop comes to it."""

    async def play() -> None:
        tap, shadow, _ = made("2")
        shadow.open.set()
        await settled(tap, decision_batch(1))
        anywhere = TapFromThreads(tap, asyncio.get_running_loop())
        here, there = decision_batch(3), decision_batch(4)
        anywhere.offer(here)
        await asyncio.to_thread(anywhere.offer, there)
        for _ in range(20):
            await asyncio.sleep(0)
        assert {*here.decision_ids, *there.decision_ids} <= set(shadow.scored)

    asyncio.run(play())
