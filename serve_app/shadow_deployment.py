"""The challenger on Ray Serve: the decider's side, which only hands over, and the replica that scores and publishes.

The replica starts with the first challenger and ends when none is set any more: without one it costs nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from credit.decision import DecisionBatch
from credit.errors import LoanstreamError, ModelNotFound
from credit.features import CATALOG
from credit.wire.shadow import encode_shadow
from serve_app.feature_store import open_store
from serve_app.metrics import ShadowMetrics
from serve_app.model_sources import MlflowSource
from serve_app.model_store import ModelShelf
from serve_app.settings import ServingSettings
from serve_app.shadow import ShadowBatch, ShadowQueue, ShadowScorer

logger = logging.getLogger(__name__)

_NICENESS = 15
_PUBLISH_TIMEOUT_S = 10.0


class Shadow(Protocol):
    """The challenger's replica as the decider sees it."""

    async def challenger(self) -> str | None:
        """Return the version that the alias names, None where there is none."""

    async def score(self, batch: ShadowBatch) -> int:
        """Score and publish a batch; returns how many applications were."""


class ShadowTap:
    """Hands decided applications over while a challenger is set, in a task of its own; `offer` never waits."""

    def __init__(self, shadow: Shadow, queue: ShadowQueue, metrics: ShadowMetrics, look_s: float) -> None:
        self._shadow, self._queue, self._metrics, self._look_s = shadow, queue, metrics, look_s
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
            self._metrics.dropped.inc(len(batch), tags={"reason": "behind"})

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
                logger.warning("a challenger's answers to %d applications are lost: %s", len(batch), error)
                self._metrics.dropped.inc(len(batch), tags={"reason": "failed"})

    async def _look(self) -> None:
        try:
            self._challenger = await self._shadow.challenger()
        except Exception as error:  # noqa: BLE001 - a registry that is away changes nothing
            logger.warning("cannot see whether there is a challenger: %s", error)


class HandleShadow:
    """`Shadow` by Serve handles: the scorer, which knows the registry anyway, is asked for the challenger."""

    def __init__(self, scorer: Any, shadow: Any, timeout_s: float) -> None:
        self._scorer, self._shadow, self._timeout_s = scorer, shadow, timeout_s

    async def challenger(self) -> str | None:
        found: str | None = await asyncio.wait_for(self._scorer.challenger.remote(), self._timeout_s)
        return found

    async def score(self, batch: ShadowBatch) -> int:
        # The first call waits for the replica to start, which takes longer than any step of the path may.
        scored: int = await asyncio.wait_for(self._shadow.score.remote(batch), 12 * self._timeout_s)
        return scored


class ChallengerAlias:
    """The version under the challenger's alias, None where nothing has it."""

    def __init__(self, settings: ServingSettings) -> None:
        self._source = MlflowSource(settings.tracking_uri, settings.model_name, settings.shadow_alias)

    def current(self) -> str | None:
        """Ask the registry; raises DependencyUnavailable while it is away."""
        try:
            return self._source.current()
        except ModelNotFound:
            return None


class ShadowDeployment:
    """The challenger's replica."""

    def __init__(self, settings: ServingSettings, kafka_options: dict[str, Any]) -> None:
        # Decisions come first: whatever else wants the processor gets it before this process.
        with contextlib.suppress(OSError):
            os.nice(_NICENESS)
        self._settings, self._kafka_options = settings, kafka_options
        self._shelf = ModelShelf(MlflowSource(settings.tracking_uri, settings.model_name, settings.shadow_alias))
        url = settings.redis_url.get_secret_value() if settings.redis_url else None
        width = len(CATALOG.history_names)
        self._scorer = ShadowScorer(self._shelf, open_store(settings.feature_store, url, CATALOG.history_hash, width))
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="shadow")
        self._metrics = ShadowMetrics()
        self._producer: Any = None
        self._looked = float("-inf")

    async def score(self, batch: ShadowBatch) -> int:
        """Score and publish a batch; returns how many applications were, 0 where the challenger is gone."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._score, batch)

    def _score(self, batch: ShadowBatch) -> int:
        now = time.monotonic()
        if now - self._looked >= self._settings.model_poll_s:
            try:
                self._shelf.refresh()
            except ModelNotFound:
                return 0
            except LoanstreamError as error:
                if not self._shelf.ready:
                    raise
                logger.warning("the challenger may have changed, the one before goes on: %s", error)
            self._looked = now
        record = self._scorer.score(batch)
        self._send(encode_shadow(record))
        self._metrics.scored.inc(len(record), tags={"model_version": record.version})
        return len(record)

    def _send(self, record: bytes) -> None:
        from kafka import KafkaProducer

        if self._producer is None:
            assert self._settings.bootstrap is not None
            self._producer = KafkaProducer(
                **self._kafka_options,
                bootstrap_servers=self._settings.bootstrap.split(","),
                linger_ms=0,
                max_block_ms=int(_PUBLISH_TIMEOUT_S * 1000),
            )
        # Waited for, so that a broker that is away holds this queue up and not memory.
        self._producer.send(self._settings.shadow_topic, record).get(timeout=_PUBLISH_TIMEOUT_S)
