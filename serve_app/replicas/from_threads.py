"""The graph on a replica's event loop, as the gateway's threads call it."""

from __future__ import annotations

import asyncio
import concurrent.futures
from typing import Protocol

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import DependencyUnavailable, LoanstreamError
from credit.wire.audit import Door


class LoopGraph(Protocol):
    """What is asked of the graph."""

    async def decide(self, batch: ApplicationBatch, door: Door) -> DecisionBatch: ...


class LoopDecider:
    """Hands batches to the loop and waits for `timeout_s` at most."""

    def __init__(self, graph: LoopGraph, loop: asyncio.AbstractEventLoop, timeout_s: float) -> None:
        self._graph, self._loop, self._timeout_s = graph, loop, timeout_s

    def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        """Decide n applications; raises DependencyUnavailable where that takes too long or the loop is closing."""
        asked = self._graph.decide(batch, "kafka")
        try:
            call = asyncio.run_coroutine_threadsafe(asked, self._loop)
        except RuntimeError as error:
            asked.close()
            raise DependencyUnavailable(f"this replica is ending: {error}") from None
        try:
            return call.result(self._timeout_s)
        except LoanstreamError:
            raise
        except (TimeoutError, concurrent.futures.TimeoutError, concurrent.futures.CancelledError):
            call.cancel()
            raise DependencyUnavailable(f"the graph did not decide within {self._timeout_s:.0f} s") from None
