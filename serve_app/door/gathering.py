"""Requests that come while others are in work share one batch; one that comes to an idle door waits for nobody."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from credit.errors import LoanstreamError, Overloaded

log = logging.getLogger(__name__)
Item = TypeVar("Item")
Result = TypeVar("Result")


class Gathering(Generic[Item, Result]):
    """Runs one batch of items after another, with at most `in_work` batches at a time.

    run: returns a result or one of our errors for each item of a batch, in their order; size_of: how much an item
    counts towards `most` in a batch and `most_pending` waiting or in work, beyond which an item is refused.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], Awaitable[Sequence[Result | LoanstreamError]]],
        most: int,
        most_pending: int,
        in_work: int = 1,
        size_of: Callable[[Item], int] = lambda _: 1,
    ) -> None:
        self._run, self._most, self._most_pending = run, most, most_pending
        self._in_work, self._size_of = in_work, size_of
        self._waiting: deque[tuple[Item, int, asyncio.Future[Result]]] = deque()
        self._pending = 0
        self._working = 0
        self._workers: set[asyncio.Task[None]] = set()  # a task that nobody holds may be collected at work

    async def __call__(self, item: Item) -> Result:
        """Return the item's result; raises Overloaded beyond the bound, and the error that the batch has for it."""
        size = self._size_of(item)
        if self._pending + size > self._most_pending and self._pending > 0:
            raise Overloaded(f"{self._pending} applications are in work already; try again in a second")
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, size, result))
        self._pending += size
        if self._working < self._in_work:
            self._working += 1
            worker = loop.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await result

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._work_on(self._take())
        finally:
            # In the same turn as the last look at who waits: nobody may come between and find a worker that leaves.
            self._working -= 1

    async def _work_on(self, taken: list[tuple[Item, int, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._run([item for item, _, _ in taken])
        except LoanstreamError as error:
            results = [error] * len(taken)
        except Exception as error:
            log.exception("a batch of %d requests failed", len(taken))
            for _, _, future in taken:
                if not future.done():
                    future.set_exception(error)
            return
        finally:
            self._pending -= sum(size for _, size, _ in taken)
        for (_, _, future), result in zip(taken, results, strict=True):
            if future.done():
                continue  # its caller went away
            if isinstance(result, LoanstreamError):
                future.set_exception(result)
            else:
                future.set_result(result)

    def _take(self) -> list[tuple[Item, int, asyncio.Future[Result]]]:
        taken = [self._waiting.popleft()]
        total = taken[0][1]
        while self._waiting and total + self._waiting[0][1] <= self._most:
            taken.append(self._waiting.popleft())
            total += taken[-1][1]
        return taken
