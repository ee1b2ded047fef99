"""The Serve graph as the gateway's threads see it: Ray's handle, and what it raises, translated.

Nothing here knows Kafka and nothing in the gateway's loop knows Ray: this file only carries a batch from the one's
thread to the other's event loop and back.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import DependencyUnavailable, LoanstreamError, Overloaded, PermanentError
from streaming.batch.deciding import Decider


class GraphSource(Protocol):
    """Opens, in the gateway's replica, the graph that decides for its threads."""

    def open_for_threads(self, loop: asyncio.AbstractEventLoop, timeout_s: float) -> Decider:
        """Return the graph; what it has to do on the replica's `loop`, it waits for `timeout_s` at most."""


class DecideMethod(Protocol):
    """A method of a deployment, called through its handle."""

    def remote(self, batch: ApplicationBatch, *, door: str) -> Awaitable[DecisionBatch]: ...


class GraphHandle(Protocol):
    """What is used of the Serve graph's handle."""

    @property
    def decide(self) -> DecideMethod: ...


class HandleDecider:
    """The `Decider` of the gateway's threads: calls the graph's handle on the replica's event loop and waits."""

    def __init__(self, handle: GraphHandle, loop: asyncio.AbstractEventLoop, timeout_s: float) -> None:
        self._handle = handle
        self._loop = loop
        self._timeout_s = timeout_s

    def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        """Decide n applications; whatever Ray raises comes out as one of our errors."""
        from ray.exceptions import RayError, RayTaskError
        from ray.serve.exceptions import BackPressureError, RayServeException

        call = asyncio.run_coroutine_threadsafe(self._call(batch), self._loop)
        try:
            return call.result(self._timeout_s)
        except LoanstreamError:
            raise
        except BackPressureError as error:
            raise Overloaded(f"the graph has more work queued than it takes: {error}") from None
        except (TimeoutError, concurrent.futures.TimeoutError, concurrent.futures.CancelledError):
            call.cancel()
            raise DependencyUnavailable(f"the graph did not decide within {self._timeout_s:.0f} s") from None
        except RayTaskError as error:
            # Code of ours raised it over there: the same batch would raise it again.
            raise PermanentError(f"the graph failed on this batch: {str(error).strip().splitlines()[-1]}") from None
        except (RayError, RayServeException, RuntimeError) as error:
            raise DependencyUnavailable(f"the graph is away: {type(error).__name__}: {error}"[:500]) from None

    async def _call(self, batch: ApplicationBatch) -> DecisionBatch:
        return await self._handle.decide.remote(batch, door="kafka")


@dataclass(frozen=True, slots=True)
class GraphByHandle:
    """A graph that is one deployment, bound or running, whose `decide(batch, door=...)` decides."""

    handle: GraphHandle

    def open_for_threads(self, loop: asyncio.AbstractEventLoop, timeout_s: float) -> HandleDecider:
        """Return the graph as the gateway's threads call it."""
        return HandleDecider(self.handle, loop, timeout_s)
