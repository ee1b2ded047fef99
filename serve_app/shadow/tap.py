"""Hands what a door decided over to the challenger, without ever holding a decision up."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Protocol

from credit.decision import DecisionBatch
from serve_app.shadow.queue import ShadowBatch, ShadowQueue

log = logging.getLogger(__name__)


class Shadow(Protocol):
    """The challenger's replica as a door's sees it."""

    async def challenger(self) -> str | None:
        """Return the version that the alias names, None where there is none."""

    async def score(self, batch: ShadowBatch) -> int:
        """Score and publish a batch; returns how many applications were."""


class ShadowCounts(Protocol):
    """Who counts what the challenger does not get to."""

    def lost(self, applications: int, reason: str) -> None:
        """Take note of applications that were dropped."""


class ShadowTap:
    """Hands decided applications over while a challenger is set, in a task of its own; `offer` never waits."""

    def __init__(self, shadow: Shadow, queue: ShadowQueue, counts: ShadowCounts, look_s: float) -> None:
        self._shadow, self._queue, self._counts, self._look_s = shadow, queue, counts, look_s
        self._challenger: str | None = None
        self._task: asyncio.Task[None] | None = None
        self._filled = asyncio.Event()

    def offer(self, decisions: DecisionBatch) -> None:
        """Take decisions that were just made; call it on the event loop. What does not fit is dropped and counted."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())
        if self._challenger in (None, decisions.model.version):
            return
        batch = ShadowBatch.of(decisions)
        if batch is None:
            return
        if self._queue.offer(batch):
            self._filled.set()
        else:
            self._counts.lost(len(batch), "behind")

    async def _run(self) -> None:
        looked = float("-inf")
        while True:
            if time.monotonic() - looked >= self._look_s:
                await self._look()
                looked = time.monotonic()
            batch = self._queue.take()
            if batch is None:
                self._filled.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._filled.wait(), self._look_s)
                continue
            try:
                await self._shadow.score(batch)
            except Exception as error:  # noqa: BLE001 - whatever ails the challenger, decisions go on
                log.warning("a challenger's answers to %d applications are lost: %s", len(batch), error)
                self._counts.lost(len(batch), "failed")

    async def _look(self) -> None:
        try:
            self._challenger = await self._shadow.challenger()
        except Exception as error:  # noqa: BLE001 - a registry that is away changes nothing
            log.warning("cannot see whether there is a challenger: %s", error)


class TapFromThreads:
    """A tap that any thread may offer to."""

    def __init__(self, tap: ShadowTap, loop: asyncio.AbstractEventLoop) -> None:
        self._tap, self._loop = tap, loop

    def offer(self, decisions: DecisionBatch) -> None:
        """Hand decisions to the tap's loop; returns at once."""
        try:
            here = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            here = False
        if here:  # waking a loop that is awake costs it two calls of the kernel
            self._tap.offer(decisions)
        else:
            self._loop.call_soon_threadsafe(self._tap.offer, decisions)
