"""Calls of Serve handles: bounded waits, and Ray's errors told apart by whether trying again can help."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ray.exceptions import RayError, RayTaskError
from ray.serve.exceptions import BackPressureError, RayServeException

from credit.errors import DependencyUnavailable, LoanstreamError, Overloaded, PermanentError

T = TypeVar("T")
# A deployment that is slow as a whole is not mended by asking it twice: so many calls at a time are, of all that wait.
_MOST_ASKED_AGAIN = 4


async def call_step(name: str, response: Awaitable[T], timeout_s: float) -> T:
    """Await a handle's response for at most `timeout_s`; whatever Ray raises comes out as one of our errors."""
    with _as_ours(name, timeout_s):
        return await asyncio.wait_for(response, timeout_s)


class PatientCaller:
    """Calls of steps, of which another replica is asked too where one stays silent; the first answer counts.

    A node that stands still or is cut off breaks no connection: who waits for it learns nothing for as long as it takes
    to be found dead. Steps change nothing, so asking twice does no harm. timeout_s: longest wait for an answer;
    again_after_s: silence after which another is asked, at most four calls at a time; told: is called with the step's
    name each time.
    """

    def __init__(self, timeout_s: float, again_after_s: float, told: Callable[[str], None]) -> None:
        self._timeout_s, self._again_after_s, self._told = timeout_s, again_after_s, told
        self._asked_again = 0

    async def call(self, name: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Return the first answer; raises as `call_step`, by what the last of those asked raised."""
        with _as_ours(name, self._timeout_s):
            async with asyncio.timeout(self._timeout_s):
                first = asyncio.ensure_future(ask())
                try:
                    done, _ = await asyncio.wait((first,), timeout=self._again_after_s)
                    if done or self._asked_again >= _MOST_ASKED_AGAIN:
                        return await first
                    return await self._also(name, first, ask)
                finally:
                    _let_go(first)

    async def _also(self, name: str, first: asyncio.Future[T], ask: Callable[[], Awaitable[T]]) -> T:
        self._asked_again += 1
        self._told(name)
        second = asyncio.ensure_future(ask())
        try:
            done, waiting = await asyncio.wait((first, second), return_when=asyncio.FIRST_COMPLETED)
            # Both may be done by now: one that answered counts, however the other fared.
            good = (call for call in done if call.exception() is None)
            return await next(good, first if first in waiting else second)
        finally:
            self._asked_again -= 1
            _let_go(second)


def _let_go(call: asyncio.Future[T]) -> None:
    # What it raised after another had answered is nobody's, and is looked at so that no log complains of it.
    if not call.cancel() and not call.cancelled():
        call.exception()


@contextmanager
def _as_ours(name: str, timeout_s: float) -> Iterator[None]:
    try:
        yield
    except LoanstreamError:
        raise
    except BackPressureError as error:
        raise Overloaded(f"{name} has more work queued than it takes: {error}") from None
    except TimeoutError:
        raise DependencyUnavailable(f"{name} did not answer within {timeout_s:.0f} s") from None
    except RayTaskError as error:
        # Code of ours raised it over there: the same call would raise it again.
        raise PermanentError(f"{name} failed on this batch: {str(error).strip().splitlines()[-1]}") from None
    except (RayError, RayServeException) as error:
        raise DependencyUnavailable(f"{name} failed: {type(error).__name__}: {str(error).splitlines()[-1]}") from None
