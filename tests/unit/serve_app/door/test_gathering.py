"""How concurrent requests become batches."""

from __future__ import annotations

import asyncio

import pytest

from credit.errors import LoanstreamError, NotReady, Overloaded, UnknownClient
from serve_app.door.gathering import Gathering


class Work:
    """A batch's work, which ends when `release` says so."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.release = asyncio.Event()
        self.failure: Exception | None = None

    async def __call__(self, items: list[int]) -> list[int | LoanstreamError]:
        self.batches.append(items)
        await self.release.wait()
        if self.failure:
            raise self.failure
        return [UnknownClient("none") if item < 0 else 10 * item for item in items]


async def until_waiting() -> None:
    """Let every task that can run come to its next wait."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_who_comes_to_an_idle_door_waits_for_nobody_and_others_form_the_next_batch() -> None:
    """The first goes alone; those that come while it is in work go together, in order, up to the bound."""

    async def play() -> None:
        work = Work()
        gather = Gathering[int, int](work, most=3, most_pending=100)
        first = asyncio.create_task(gather(1))
        await until_waiting()
        assert work.batches == [[1]]
        others = [asyncio.create_task(gather(i)) for i in range(2, 7)]
        await until_waiting()
        assert work.batches == [[1]]
        work.release.set()
        assert await asyncio.gather(first, *others) == [10, 20, 30, 40, 50, 60]
        assert work.batches == [[1], [2, 3, 4], [5, 6]]

    asyncio.run(play())


def test_two_batches_may_be_in_work() -> None:
    """While one waits for its acknowledgement the next one is decided."""

    async def play() -> None:
        work = Work()
        gather = Gathering[int, int](work, most=8, most_pending=100, in_work=2)
        tasks = []
        for i in range(4):
            tasks.append(asyncio.create_task(gather(i)))
            await until_waiting()
        assert work.batches == [[0], [1]]
        work.release.set()
        await asyncio.gather(*tasks)
        assert work.batches == [[0], [1], [2, 3]]

    asyncio.run(play())


def test_an_error_of_one_item_is_that_items_alone() -> None:
    """A client who is not on file does not fail the others; an error of the batch fails all of it, and no later one."""

    async def play() -> None:
        work = Work()
        work.release.set()
        gather = Gathering[int, int](work, most=8, most_pending=100)
        good, bad = await asyncio.gather(gather(1), gather(-1), return_exceptions=True)
        assert good == 10
        assert isinstance(bad, UnknownClient)
        work.failure = NotReady("no model")
        assert [type(e) for e in await asyncio.gather(gather(1), gather(2), return_exceptions=True)] == [NotReady] * 2
        work.failure = ZeroDivisionError()
        with pytest.raises(ZeroDivisionError):
            await gather(1)
        work.failure = None
        assert await gather(3) == 30

    asyncio.run(play())


def test_beyond_the_bound_a_request_is_refused_and_fits_again_later() -> None:
    """What is in work and what waits counts by size; one larger than the bound passes when it is alone."""

    async def play() -> None:
        work = Work()
        gather = Gathering[int, int](work, most=8, most_pending=10, size_of=lambda item: item)
        tasks = [asyncio.create_task(gather(6)), asyncio.create_task(gather(4))]
        await until_waiting()
        with pytest.raises(Overloaded):
            await gather(1)
        work.release.set()
        await asyncio.gather(*tasks)
        assert await gather(50) == 500

    asyncio.run(play())


def test_a_caller_that_goes_away_takes_nobody_with_it() -> None:
    """The others of its batch are answered."""

    async def play() -> None:
        work = Work()
        gather = Gathering[int, int](work, most=8, most_pending=10)
        leaving = asyncio.create_task(gather(1))
        await until_waiting()
        staying = asyncio.create_task(gather(2))
        leaving_too = asyncio.create_task(gather(3))
        await until_waiting()
        leaving.cancel()
        leaving_too.cancel()
        work.release.set()
        assert await staying == 20
        assert await gather(4) == 40

    asyncio.run(play())
